-- What language models cost: reserved before a call, booked after it, and never more than the tenant's budgets.
-- Amounts are millionths of a US dollar. A `day` is a calendar day of the tenant's time zone; the day on which a call was
-- reserved is the one that it counts for, whenever it ends. The month is the one that holds the day.

-- A zone that nobody knows would make every reservation fail: it is refused where it is written.
alter table tenants
    add constraint tenants_time_zone_check check (timezone(time_zone, timestamptz '2000-01-01T00:00:00Z') is not null);

-- Calls under way: a row is made before a call and goes when the call is booked. One whose time is over belonged to a
-- process that died, and is booked as unconfirmed.
create table llm_reservations (
    tenant_id       uuid        not null references tenants (id) on delete cascade,
    id              uuid        not null,
    conversation_id uuid,
    purpose         text        not null check (purpose in ('chat', 'preview', 'summary', 'replay')),
    provider        text        not null,
    model           text        not null,
    -- The most that the call can cost.
    micro_usd       bigint      not null check (micro_usd >= 0),
    price_known     boolean     not null,
    day             date        not null,
    expires_at      timestamptz not null,
    primary key (tenant_id, id)
);
create index llm_reservations_expiry on llm_reservations (expires_at);
select omniops_secure_tenant_table('llm_reservations');

-- What came of each call, for ever. `settled` cost what the provider counted, `released` cost nothing, `unconfirmed` is the
-- most that a call can have cost that nobody heard the end of. When it is heard of after all, `corrected` takes the
-- unconfirmed amount back and a `settled` or `released` entry follows. One entry of a kind: nothing is booked twice.
--
-- There is no foreign key to the conversation, which may be erased: what a call cost stays true, and the id leads
-- nowhere then. Nothing else here is about a person.
create table llm_ledger (
    tenant_id           uuid        not null references tenants (id) on delete cascade,
    call_id             uuid        not null,
    kind                text        not null check (kind in ('settled', 'released', 'unconfirmed', 'corrected')),
    day                 date        not null,
    conversation_id     uuid,
    purpose             text        not null,
    provider            text        not null,
    model               text        not null,
    -- As the provider counted them; null where it did not.
    input_tokens        bigint,
    cached_input_tokens bigint,
    output_tokens       bigint,
    reasoning_tokens    bigint,
    micro_usd           bigint      not null,
    -- What had been reserved: a settled entry above it shows a provider that went beyond what it was told.
    reserved_micro_usd  bigint      not null,
    -- False where the price table does not know the model and its price for others was charged.
    price_known         boolean     not null,
    created_at          timestamptz not null default now(),
    primary key (tenant_id, call_id, kind),
    check (case kind when 'corrected' then micro_usd <= 0 when 'released' then micro_usd = 0 else micro_usd >= 0 end)
);
create index llm_ledger_day on llm_ledger (tenant_id, day);
create index llm_ledger_conversation on llm_ledger (tenant_id, conversation_id) include (micro_usd)
    where conversation_id is not null;
select omniops_secure_tenant_table('llm_ledger');
revoke update, delete on llm_ledger from omniops_app, omniops_system;

-- The sums of the ledger's entries by day and by month, written in the same statement as the entries.
create table llm_spend (
    tenant_id   uuid   not null references tenants (id) on delete cascade,
    period      text   not null check (period in ('day', 'month')),
    -- The first day of the period.
    starts_on   date   not null,
    settled     bigint not null default 0,
    unconfirmed bigint not null default 0,
    primary key (tenant_id, period, starts_on)
);
select omniops_secure_tenant_table('llm_spend');
