-- One row a turn of the AI, partitioned by month so that old months can be dropped whole.

create table chat_telemetry (
    tenant_id         uuid        not null references tenants (id) on delete cascade,
    id                uuid        not null,
    created_at        timestamptz not null default now(),
    conversation_id   uuid        not null,
    message_id        uuid        not null,
    reply_id          uuid,
    domain_id         uuid        not null,
    channel           text        not null,
    provider          text        not null,
    model             text        not null,
    -- answered, declined, escalated, dropped (a person was faster) or failed.
    outcome           text        not null check (outcome in ('answered', 'declined', 'escalated', 'dropped', 'failed')),
    error_code        text,
    confidence        real,
    searches          integer     not null default 0,
    zero_results      integer     not null default 0,
    prompt_tokens     integer     not null default 0,
    completion_tokens integer     not null default 0,
    cost_micro_usd    bigint      not null default 0,
    embed_ms          integer     not null default 0,
    search_ms         integer     not null default 0,
    first_delta_ms    integer,
    total_ms          integer     not null,
    primary key (tenant_id, created_at, id)
) partition by range (created_at);
create index chat_telemetry_conversation on chat_telemetry (tenant_id, conversation_id);

-- Makes the partition of the month that holds `moment`, if it is not there. Row-level security does not come
-- down from the parent to someone who names the partition, so each partition gets its own.
create function omniops_ensure_telemetry_partition(moment timestamptz) returns void
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    first_day constant timestamptz := date_trunc('month', moment at time zone 'UTC') at time zone 'UTC';
    next_first constant timestamptz := (date_trunc('month', moment at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    partition_name constant text := 'chat_telemetry_' || to_char(moment at time zone 'UTC', 'YYYYMM');
begin
    -- Asks the table itself: to_regclass would answer the second time from what it remembers of the first.
    if exists (select from pg_class where relnamespace = 'public'::regnamespace and relname = partition_name) then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtext('omniops_ensure_telemetry_partition'));
    if exists (select from pg_class where relnamespace = 'public'::regnamespace and relname = partition_name) then
        return;
    end if;
    execute format('create table %I partition of chat_telemetry for values from (%L) to (%L)',
                   partition_name, first_day, next_first);
    perform omniops_secure_tenant_table(partition_name::regclass);
end
$$;
revoke all on function omniops_ensure_telemetry_partition(timestamptz) from public;
grant execute on function omniops_ensure_telemetry_partition(timestamptz) to omniops_system;

select omniops_secure_tenant_table('chat_telemetry');
select omniops_ensure_telemetry_partition(now() + make_interval(months => m)) from generate_series(-2, 2) as m;
