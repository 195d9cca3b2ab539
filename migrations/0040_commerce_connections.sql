-- The store behind a domain, which the AI reads products and orders from. Its keys are among the tenant's sealed secrets;
-- here are the names that they have there.
create table commerce_connections (
    tenant_id            uuid        not null,
    domain_id            uuid        not null,
    kind                 text        not null check (kind in ('woocommerce')),
    -- The store's home address as the store has it configured: signatures are made for it.
    base_url             text        not null check (length(base_url) between 1 and 500),
    consumer_key_name    text        not null,
    consumer_secret_name text        not null,
    -- The operator connected it from the command line: its host may be private where this is not production.
    allow_own_host       boolean     not null default false,
    created_at           timestamptz not null default now(),
    updated_at           timestamptz not null default now(),
    primary key (tenant_id, domain_id),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade
);
select omniops_secure_tenant_table('commerce_connections');
create trigger commerce_connections_touch before update on commerce_connections
    for each row execute function omniops_touch_updated_at();
