-- Secrets that a tenant entrusts to us: provider keys, store credentials, signing keys. What is here opens nothing without the
-- operator's master key, which is never in the database.

-- One data key a tenant, wrapped under a master key.
create table tenant_keys (
    tenant_id     uuid        primary key references tenants (id) on delete cascade,
    -- Which master key wraps it: 16 hexadecimal digits.
    master_key_id text        not null check (master_key_id ~ '^[0-9a-f]{16}$'),
    wrapped       bytea       not null,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);
create index tenant_keys_master_key on tenant_keys (master_key_id, tenant_id);
select omniops_secure_tenant_table('tenant_keys');
create trigger tenant_keys_touch before update on tenant_keys for each row execute function omniops_touch_updated_at();

-- Sealed under the tenant's data key. They go with it: without it nobody reads them.
create table tenant_secrets (
    tenant_id  uuid        not null references tenant_keys (tenant_id) on delete cascade,
    -- `<area>.<what>`: llm.api_key, identity.<domain>.<key id>.
    name       text        not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,199}$'),
    sealed     bytea       not null,
    -- The last characters of a long secret, to recognise it by.
    hint       text        check (length(hint) <= 4),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, name)
);
select omniops_secure_tenant_table('tenant_secrets');
create trigger tenant_secrets_touch before update on tenant_secrets
    for each row execute function omniops_touch_updated_at();
