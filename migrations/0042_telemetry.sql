-- What a turn of the AI cost, did and took, in full; thumbs; rollups that follow by change notes; alerts.

-- Columns with defaults, so that the previous binary goes on writing its rows. prompt_tokens are all tokens of the input,
-- cached_input_tokens those of them that the provider had in its cache; completion_tokens are all of the output,
-- reasoning_tokens those of them that were thought and not said.
alter table chat_telemetry
    add column steps               integer not null default 0,
    add column cached_input_tokens integer not null default 0,
    add column reasoning_tokens    integer not null default 0,
    -- Parts of total_ms: waiting for a place, in the model (all calls together), in the check of claims.
    add column queue_ms            integer not null default 0,
    add column model_ms            integer not null default 0,
    add column claim_check_ms      integer not null default 0,
    -- From the start of the turn to the first and the last token of the provider; first_delta_ms is when the customer
    -- saw words.
    add column first_token_ms      integer,
    add column last_token_ms       integer,
    -- [{"name", "ok", "ms"}], in the order of the calls.
    add column tool_calls          jsonb   not null default '[]',
    -- What stood in for the model that was asked first.
    add column fallback            text    not null default 'none',
    -- Whether the price table knew the model; if not, the cost is the worst that the table holds for any.
    add column price_known         boolean not null default true,
    add constraint chat_telemetry_tool_calls_check check (jsonb_typeof(tool_calls) = 'array'),
    add constraint chat_telemetry_fallback_check
        check (fallback in ('none', 'fallback_model', 'extractive', 'handoff')),
    drop constraint chat_telemetry_outcome_check,
    -- resolved: the customer confirmed; clarified: the AI asked back; dropped: a person was faster.
    add constraint chat_telemetry_outcome_check
        check (outcome in ('answered', 'clarified', 'resolved', 'declined', 'escalated', 'dropped', 'failed'));
create index chat_telemetry_reply on chat_telemetry (tenant_id, reply_id) where reply_id is not null;

-- A customer's thumb on an answer of the AI. It goes with the message and with the customer.
create table message_feedback (
    tenant_id   uuid        not null,
    message_id  uuid        not null,
    customer_id uuid        not null,
    rating      text        not null check (rating in ('up', 'down')),
    reason      text        check (reason in ('incorrect', 'incomplete', 'irrelevant', 'outdated', 'tone', 'slow', 'other')),
    comment     text        check (length(comment) between 1 and 1000),
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    primary key (tenant_id, message_id, customer_id),
    check (reason is null or rating = 'down'),
    foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade,
    foreign key (tenant_id, customer_id) references customers (tenant_id, id) on delete cascade
);
create index message_feedback_customer on message_feedback (tenant_id, customer_id);
select omniops_secure_tenant_table('message_feedback');
create trigger message_feedback_touch before update on message_feedback
    for each row execute function omniops_touch_updated_at();

-- One note for each quarter of an hour that a statement changed. It becomes visible with the change itself, however late
-- that commits, and the rollup takes away those that it has counted: so it misses no row and waits for no transaction,
-- and the oldest note left is how far the rollups are behind.
create table chat_telemetry_changes (
    tenant_id  uuid        not null references tenants (id) on delete cascade,
    id         uuid        not null default gen_random_uuid(),
    bucket     timestamptz not null,
    changed_at timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id)
);
select omniops_secure_tenant_table('chat_telemetry_changes');

-- The start of the quarter of an hour that holds `moment`. Every zone's hours and days begin with one.
create function omniops_telemetry_bucket(moment timestamptz) returns timestamptz
    language sql immutable parallel safe
    return date_bin('15 minutes', moment, '2000-01-01T00:00:00Z');

create function omniops_note_telemetry_changes() returns trigger
    language plpgsql
    as $$
begin
    -- A tenant that is being deleted takes its telemetry along: there is nothing left to count.
    if tg_op <> 'INSERT' then
        insert into chat_telemetry_changes (tenant_id, bucket)
        select distinct r.tenant_id, omniops_telemetry_bucket(r.created_at)
        from old_rows r where exists (select from tenants t where t.id = r.tenant_id);
    end if;
    if tg_op <> 'DELETE' then
        insert into chat_telemetry_changes (tenant_id, bucket)
        select distinct r.tenant_id, omniops_telemetry_bucket(r.created_at)
        from new_rows r where exists (select from tenants t where t.id = r.tenant_id);
    end if;
    return null;
end
$$;
create trigger chat_telemetry_inserted after insert on chat_telemetry
    referencing new table as new_rows for each statement execute function omniops_note_telemetry_changes();
create trigger chat_telemetry_updated after update on chat_telemetry
    referencing old table as old_rows new table as new_rows
    for each statement execute function omniops_note_telemetry_changes();
create trigger chat_telemetry_deleted after delete on chat_telemetry
    referencing old table as old_rows for each statement execute function omniops_note_telemetry_changes();

-- A thumb counts in the quarter of an hour of the turn that it is about. What a cascade deletes is deleted with the
-- owner's rights, who sees no turns: whoever erases messages or customers deletes their thumbs first.
create function omniops_note_feedback_changes() returns trigger
    language plpgsql
    as $$
begin
    if tg_op <> 'INSERT' then
        insert into chat_telemetry_changes (tenant_id, bucket)
        select distinct c.tenant_id, omniops_telemetry_bucket(c.created_at)
        from old_rows r join chat_telemetry c on c.tenant_id = r.tenant_id and c.reply_id = r.message_id
        where exists (select from tenants t where t.id = r.tenant_id);
    end if;
    if tg_op <> 'DELETE' then
        insert into chat_telemetry_changes (tenant_id, bucket)
        select distinct c.tenant_id, omniops_telemetry_bucket(c.created_at)
        from new_rows r join chat_telemetry c on c.tenant_id = r.tenant_id and c.reply_id = r.message_id
        where exists (select from tenants t where t.id = r.tenant_id);
    end if;
    return null;
end
$$;
create trigger message_feedback_inserted after insert on message_feedback
    referencing new table as new_rows for each statement execute function omniops_note_feedback_changes();
create trigger message_feedback_updated after update on message_feedback
    referencing old table as old_rows new table as new_rows
    for each statement execute function omniops_note_feedback_changes();
create trigger message_feedback_deleted after delete on message_feedback
    referencing old table as old_rows for each statement execute function omniops_note_feedback_changes();

-- The bin of a logarithmic sketch (DDSketch) that counts `ms`: bin i holds (g^(i-1), g^i] with g = 1.01/0.99, so that the
-- bin's middle is within 1 % of everything in it. Bin -1 holds nought.
create function omniops_sketch_bin(ms integer) returns smallint
    language sql immutable parallel safe
    return case when ms <= 0 then -1
                else ceil(ln(ms::double precision) / ln(1.01::double precision / 0.99::double precision)) end::smallint;

-- Figures of a quarter of an hour or of a UTC day. The finest, by model within a domain, are counted from the turns; all
-- others are sums of those. There is no foreign key to the domain: figures outlive it, as the turns do.
create table chat_telemetry_model_rollups (
    tenant_id           uuid        not null references tenants (id) on delete cascade,
    grain               text        not null check (grain in ('quarter_hour', 'day')),
    bucket              timestamptz not null,
    domain_id           uuid        not null,
    provider            text        not null,
    model               text        not null,
    turns               bigint      not null,
    answered            bigint      not null default 0,
    clarified           bigint      not null default 0,
    resolved            bigint      not null default 0,
    declined            bigint      not null default 0,
    escalated           bigint      not null default 0,
    dropped             bigint      not null default 0,
    failed              bigint      not null default 0,
    prompt_tokens       bigint      not null default 0,
    cached_input_tokens bigint      not null default 0,
    completion_tokens   bigint      not null default 0,
    reasoning_tokens    bigint      not null default 0,
    cost_micro_usd      bigint      not null default 0,
    -- Turns of a model that the price table does not know.
    unpriced            bigint      not null default 0,
    steps               bigint      not null default 0,
    searches            bigint      not null default 0,
    zero_results        bigint      not null default 0,
    thumbs_up           bigint      not null default 0,
    thumbs_down         bigint      not null default 0,
    -- {"error code": turns}
    errors              jsonb       not null default '{}',
    -- {"fallback": turns}, without those that needed none.
    fallbacks           jsonb       not null default '{}',
    -- {"tool": [calls, failed, milliseconds]}
    tools               jsonb       not null default '{}',
    -- Sketches of total_ms and first_delta_ms: bins in ascending order, and how many turns each holds.
    total_bins          smallint[]  not null default '{}',
    total_counts        bigint[]    not null default '{}',
    first_bins          smallint[]  not null default '{}',
    first_counts        bigint[]    not null default '{}',
    primary key (tenant_id, grain, bucket, domain_id, provider, model)
);
select omniops_secure_tenant_table('chat_telemetry_model_rollups');

create table chat_telemetry_domain_rollups (
    like chat_telemetry_model_rollups including defaults including constraints,
    foreign key (tenant_id) references tenants (id) on delete cascade
);
alter table chat_telemetry_domain_rollups
    drop column provider,
    drop column model,
    add primary key (tenant_id, grain, bucket, domain_id);
select omniops_secure_tenant_table('chat_telemetry_domain_rollups');

create table chat_telemetry_rollups (
    like chat_telemetry_domain_rollups including defaults including constraints,
    foreign key (tenant_id) references tenants (id) on delete cascade
);
alter table chat_telemetry_rollups
    drop column domain_id,
    add primary key (tenant_id, grain, bucket);
select omniops_secure_tenant_table('chat_telemetry_rollups');

-- What each provider's breaker last said, for the alert: providers that answer are closed.
create table provider_health (
    tenant_id  uuid        not null references tenants (id) on delete cascade,
    provider   text        not null check (length(provider) between 1 and 200),
    open       boolean     not null,
    problem    text        check (length(problem) <= 500),
    since      timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, provider)
);
select omniops_secure_tenant_table('provider_health');

-- Something that a person should look at. Its kind and subject are what it is told apart by while it is open.
create table alerts (
    tenant_id        uuid             not null references tenants (id) on delete cascade,
    id               uuid             not null,
    kind             text             not null
        check (kind in ('error_rate', 'cost_projection', 'zero_results', 'provider_down', 'rollups_stale')),
    subject          text             not null default '',
    -- What was measured last while it was open, and the limit that it passed, in the kind's own unit.
    value            double precision not null,
    threshold        double precision not null,
    opened_at        timestamptz      not null default now(),
    resolved_at      timestamptz,
    last_notified_at timestamptz,
    primary key (tenant_id, id)
);
create unique index alerts_open on alerts (tenant_id, kind, subject) where resolved_at is null;
create index alerts_list on alerts (tenant_id, opened_at desc, id desc);
select omniops_secure_tenant_table('alerts');

-- What has to be sent about an alert: one notice for its opening and one for its end on each channel, whoever sends it.
create table alert_notices (
    tenant_id uuid        not null,
    alert_id  uuid        not null,
    event     text        not null check (event in ('opened', 'resolved')),
    channel   text        not null check (channel in ('email', 'webhook')),
    attempts  integer     not null default 0,
    -- Whoever takes it up moves this into the future, and so keeps it for themselves until then.
    due_at    timestamptz not null default now(),
    sent_at   timestamptz,
    problem   text,
    primary key (tenant_id, alert_id, event, channel),
    foreign key (tenant_id, alert_id) references alerts (tenant_id, id) on delete cascade
);
create index alert_notices_due on alert_notices (due_at) where sent_at is null;
select omniops_secure_tenant_table('alert_notices');

-- What is there already has to be counted too.
set local role omniops_system;
set local row_security = on;
insert into chat_telemetry_changes (tenant_id, bucket)
select distinct tenant_id, omniops_telemetry_bucket(created_at) from chat_telemetry;
set local role omniops_owner;
set local row_security = off;
