-- Customers, conversations, messages and the event log.

create table customers (
    tenant_id    uuid        not null references tenants (id) on delete cascade,
    id           uuid        not null,
    -- Absent while anonymous; a generated name is made from the id when it is shown.
    name         text        check (length(name) <= 200),
    email        text        check (length(email) <= 254),
    locale       text        check (length(locale) <= 35),
    last_page_url text       check (length(last_page_url) <= 2000),
    attributes   jsonb       not null default '{}',
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index customers_seen on customers (tenant_id, last_seen_at desc, id desc);
create index customers_email on customers (tenant_id, lower(email)) where email is not null;
select omniops_secure_tenant_table('customers');

-- How a customer is recognised. `session`: SHA-256 of the widget's session id, which the visitor alone holds.
create table customer_identities (
    tenant_id    uuid        not null,
    kind         text        not null check (kind in ('session', 'external', 'email')),
    value_hash   bytea       not null,
    customer_id  uuid        not null,
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    primary key (tenant_id, kind, value_hash),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id) on delete cascade
);
create index customer_identities_customer on customer_identities (tenant_id, customer_id);
select omniops_secure_tenant_table('customer_identities');

-- Numbers that count up per tenant without gaps: the row is locked from the increment to the commit.
create table tenant_counters (
    tenant_id           uuid   primary key references tenants (id) on delete cascade,
    conversation_number bigint not null default 0
);
select omniops_secure_tenant_table('tenant_counters');

create table conversations (
    tenant_id         uuid        not null references tenants (id) on delete cascade,
    id                uuid        not null,
    number            bigint      not null,
    customer_id       uuid        not null,
    domain_id         uuid        not null,
    channel           text        not null check (channel in ('widget', 'api')),
    status            text        not null check (status in ('open', 'pending', 'snoozed', 'resolved')),
    ai_state          text        not null check (ai_state in ('active', 'silenced')),
    priority          text        not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
    assignee_id       uuid,
    -- A person was asked for at this time; stays set once it was.
    escalated_at      timestamptz,
    waiting_since     timestamptz,
    snoozed_until     timestamptz,
    resolved_at       timestamptz,
    -- The newest message's seq: the next one takes the number after it.
    message_seq       bigint      not null default 0,
    -- The newest message that the customer has seen.
    customer_read_seq bigint      not null default 0,
    preview           text        not null default '',
    preview_author    text        not null default 'customer' check (preview_author in ('customer', 'ai', 'agent', 'system')),
    page_url          text        check (length(page_url) <= 2000),
    locale            text        check (length(locale) <= 35),
    version           bigint      not null default 1,
    created_at        timestamptz not null default now(),
    last_activity_at  timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, number),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id),
    foreign key (tenant_id, assignee_id) references team_members (tenant_id, user_id) on delete set null (assignee_id)
);
create index conversations_activity on conversations (tenant_id, last_activity_at desc, id desc);
create index conversations_status on conversations (tenant_id, status, last_activity_at desc, id desc);
create index conversations_assignee on conversations (tenant_id, assignee_id, status, last_activity_at desc, id desc)
    where assignee_id is not null;
create index conversations_unassigned on conversations (tenant_id, last_activity_at desc, id desc)
    where assignee_id is null and status = 'open';
create index conversations_customer on conversations (tenant_id, customer_id, created_at desc, id desc);
create index conversations_domain on conversations (tenant_id, domain_id);
-- Snoozed ones whose time has come.
create index conversations_snoozed on conversations (snoozed_until) where status = 'snoozed';
select omniops_secure_tenant_table('conversations');

-- Counts per status and assignee, kept by a trigger, so that the inbox never counts a million rows.
-- assignee_id is the nil uuid for nobody: a primary key takes no null.
create table conversation_counts (
    tenant_id   uuid   not null references tenants (id) on delete cascade,
    status      text   not null,
    assignee_id uuid   not null,
    -- Writers spread over a few slots, so that one row is no bottleneck. A count is the sum over them.
    slot        smallint not null,
    count       bigint not null,
    primary key (tenant_id, status, assignee_id, slot)
);
select omniops_secure_tenant_table('conversation_counts');

create function omniops_count_conversation() returns trigger
    language plpgsql
    as $$
declare
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    my_slot constant smallint := (pg_backend_pid() % 8)::smallint;
begin
    if tg_op = 'UPDATE' and old.status = new.status and old.assignee_id is not distinct from new.assignee_id then
        return null;
    end if;
    -- The tenant is being deleted, and its counts with it.
    if tg_op = 'DELETE' and not exists (select from tenants where id = old.tenant_id) then
        return null;
    end if;
    -- One statement in the order of the key: two writers of the same slot wait for each other, and never in a circle.
    insert into conversation_counts as c (tenant_id, status, assignee_id, slot, count)
    select change.tenant_id, change.status, coalesce(change.assignee_id, nobody), my_slot, change.by
    from (values (old.tenant_id, old.status, old.assignee_id, -1), (new.tenant_id, new.status, new.assignee_id, 1))
        as change (tenant_id, status, assignee_id, by)
    where change.tenant_id is not null
    order by change.status, coalesce(change.assignee_id, nobody)
    on conflict (tenant_id, status, assignee_id, slot) do update set count = c.count + excluded.count;
    return null;
end
$$;
create trigger conversations_count after insert or update of status, assignee_id or delete on conversations
    for each row execute function omniops_count_conversation();

create table messages (
    tenant_id       uuid        not null,
    id              uuid        not null,
    conversation_id uuid        not null,
    seq             bigint      not null,
    author_kind     text        not null check (author_kind in ('customer', 'ai', 'agent', 'system')),
    author_user_id  uuid,
    author_name     text        not null default '',
    kind            text        not null check (kind in ('reply', 'note', 'activity')),
    text            text        not null check (length(text) between 1 and 20000),
    -- [{title, url, quote}] of an AI answer.
    sources         jsonb       not null default '[]',
    confidence      real        check (confidence between 0 and 1),
    -- What an AI answer was made from: chunk ids with hashes, provider, timings. Never shown to a customer.
    receipt         jsonb,
    client_id       uuid,
    -- The customer message that an AI answer answers.
    answers_id      uuid,
    created_at      timestamptz not null default now(),
    search          tsvector    generated always as (to_tsvector('simple', left(text, 20000))) stored,
    primary key (tenant_id, id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
    foreign key (tenant_id, author_user_id) references team_members (tenant_id, user_id) on delete set null (author_user_id),
    foreign key (tenant_id, answers_id) references messages (tenant_id, id) on delete set null (answers_id)
);
create unique index messages_seq on messages (tenant_id, conversation_id, seq);
-- One send makes one message, however often it is retried.
create unique index messages_client on messages (tenant_id, conversation_id, client_id) where client_id is not null;
-- One customer message gets one AI answer.
create unique index messages_answers on messages (tenant_id, answers_id) where answers_id is not null;
create index messages_author on messages (tenant_id, author_user_id) where author_user_id is not null;
create index messages_search on messages using gin (search);
select omniops_secure_tenant_table('messages');

-- A customer's send, by its idempotency key, before it is known which conversation it belongs to.
create table chat_requests (
    tenant_id       uuid        not null,
    customer_id     uuid        not null,
    client_id       uuid        not null,
    -- SHA-256 of the text: the same key with another text is a mistake of the client, and told so.
    text_hash       bytea       not null,
    conversation_id uuid        not null,
    message_id      uuid        not null,
    -- The JSON answer, once there is one.
    response        jsonb,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, customer_id, client_id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id) on delete cascade,
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
    foreign key (tenant_id, message_id) references messages (tenant_id, id) on delete cascade
);
create index chat_requests_conversation on chat_requests (tenant_id, conversation_id);
create index chat_requests_message on chat_requests (tenant_id, message_id);
-- Sends without an answer: what a restart has to take up again.
create index chat_requests_unanswered on chat_requests (created_at) where response is null;
select omniops_secure_tenant_table('chat_requests');

-- How far each agent has read each conversation.
create table conversation_reads (
    tenant_id       uuid        not null,
    conversation_id uuid        not null,
    user_id         uuid        not null,
    read_seq        bigint      not null,
    read_at         timestamptz not null default now(),
    primary key (tenant_id, conversation_id, user_id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade,
    foreign key (tenant_id, user_id) references team_members (tenant_id, user_id) on delete cascade
);
create index conversation_reads_user on conversation_reads (tenant_id, user_id);
select omniops_secure_tenant_table('conversation_reads');

-- The number of each tenant's newest event. A commit's last act is to count it on, and the row stays locked to
-- the end of the commit. It is a table of its own because tenant_counters is locked early, for a new
-- conversation's number: in one row, two transactions could each hold what the other waits for.
create table event_positions (
    tenant_id uuid   primary key references tenants (id) on delete cascade,
    seq       bigint not null
) with (fillfactor = 50);
select omniops_secure_tenant_table('event_positions');

-- The log. `seq` is gap-free and in commit order per tenant (event_positions).
create table events (
    tenant_id       uuid        not null references tenants (id) on delete cascade,
    seq             bigint      not null,
    kind            text        not null,
    -- No foreign key: the log outlives what it tells about until erasure removes it by this column.
    conversation_id uuid,
    payload         jsonb       not null,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, seq)
);
create index events_conversation on events (tenant_id, conversation_id, seq) where conversation_id is not null;
select omniops_secure_tenant_table('events');

create table widget_configs (
    tenant_id  uuid        not null,
    domain_id  uuid        not null,
    -- Theme, texts, consent, auto-open as the tenant set them; what is absent takes the default.
    settings   jsonb       not null default '{}',
    version    bigint      not null default 1,
    updated_at timestamptz not null default now(),
    primary key (tenant_id, domain_id),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade
);
select omniops_secure_tenant_table('widget_configs');
create trigger widget_configs_touch before update on widget_configs
    for each row execute function omniops_touch_updated_at();

-- Consent given or withdrawn, with the text's version. Rows are added, never changed.
create table privacy_logs (
    tenant_id       uuid        not null references tenants (id) on delete cascade,
    id              uuid        not null,
    customer_id     uuid        not null,
    domain_id       uuid        not null,
    kind            text        not null check (kind in ('consent_granted', 'consent_withdrawn')),
    consent_version text        not null,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id) on delete cascade,
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade
);
create index privacy_logs_customer on privacy_logs (tenant_id, customer_id, created_at desc);
create index privacy_logs_domain on privacy_logs (tenant_id, domain_id);
select omniops_secure_tenant_table('privacy_logs');
