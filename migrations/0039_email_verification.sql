-- Customers who prove inside a conversation that an e-mail address is theirs, by a code that was sent there.

-- One row a code. The code itself is nowhere: `code_hash` is made under the tenant's data key, so the database alone does
-- not tell which of the million codes it was.
create table email_verifications (
    tenant_id       uuid        not null,
    id              uuid        not null,
    customer_id     uuid        not null,
    conversation_id uuid        not null,
    email           text        not null check (length(email) <= 254),
    -- Null once the code is of no more use: entered, guessed at too often, or followed by another one.
    code_hash       bytea,
    -- Wrong codes that were entered.
    tries           smallint    not null default 0,
    created_at      timestamptz not null default clock_timestamp(),
    expires_at      timestamptz not null,
    verified_at     timestamptz,
    -- Until then the customer counts as the address's owner.
    verified_until  timestamptz,
    primary key (tenant_id, id),
    check ((verified_at is null) = (verified_until is null)),
    check (verified_at is null or code_hash is null),
    foreign key (tenant_id, customer_id) references customers (tenant_id, id) on delete cascade,
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
-- A new code voids the one before.
create unique index email_verifications_live on email_verifications (tenant_id, conversation_id)
    where code_hash is not null;
create index email_verifications_conversation on email_verifications (tenant_id, conversation_id, created_at desc);
create index email_verifications_customer on email_verifications (tenant_id, customer_id, verified_at desc);
create index email_verifications_created on email_verifications (created_at);
select omniops_secure_tenant_table('email_verifications');

-- How many codes a tenant sent to an address within an hour. It knows no customer and no conversation, so that nobody who
-- has their data erased, or begins anew, can fill a stranger's mailbox; and no address, but its hash under the tenant's key.
create table email_code_sends (
    tenant_id    uuid        not null references tenants (id) on delete cascade,
    address_hash bytea       not null,
    sends        smallint    not null,
    began_at     timestamptz not null default now(),
    primary key (tenant_id, address_hash)
);
create index email_code_sends_began on email_code_sends (began_at);
select omniops_secure_tenant_table('email_code_sends');
