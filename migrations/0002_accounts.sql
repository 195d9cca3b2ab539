-- Tenants, their domains, the people who log in, and their credentials.

create table tenants (
    id         uuid        primary key,
    slug       text        not null unique check (slug ~ '^[a-z0-9](-?[a-z0-9]){0,62}$'),
    name       text        not null check (length(name) between 1 and 120),
    time_zone  text        not null default 'UTC',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
-- The tenant table's own id is its tenant id: a tenant sees its own row and no other.
alter table tenants enable row level security;
alter table tenants force row level security;
create policy tenant_isolation on tenants to omniops_app
    using (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid))
    with check (id = (select nullif(current_setting('app.tenant_id', true), '')::uuid));
create policy system_access on tenants to omniops_system using (true) with check (true);
grant select, update on tenants to omniops_app;
grant select, insert, update, delete on tenants to omniops_system;
create trigger tenants_touch before update on tenants for each row execute function omniops_touch_updated_at();

create table domains (
    tenant_id       uuid        not null references tenants (id) on delete cascade,
    id              uuid        not null,
    -- Host, with the port when it is not the scheme's own: shop.example, 127.0.0.1:3000.
    host            text        not null check (host = lower(host) and length(host) between 1 and 253),
    -- Origins beside the domain's own that may embed the widget: https://www.shop.example.
    allowed_origins text[]      not null default '{}',
    created_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, host)
);
-- One host belongs to one tenant: the widget knows nothing but its host.
create unique index domains_host on domains (host);
select omniops_secure_tenant_table('domains');

-- People. A user may belong to several tenants, so the table has none; only the system role reads it.
create table users (
    id            uuid        primary key,
    email         text        not null check (email = lower(email) and length(email) between 3 and 254),
    name          text        not null check (length(name) between 1 and 120),
    password_hash text        not null,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    disabled_at   timestamptz
);
create unique index users_email on users (email);
grant select, insert, update, delete on users to omniops_system;
create trigger users_touch before update on users for each row execute function omniops_touch_updated_at();

create table team_members (
    tenant_id    uuid        not null references tenants (id) on delete cascade,
    user_id      uuid        not null references users (id) on delete cascade,
    role         text        not null check (role in ('owner', 'admin', 'agent', 'analyst')),
    -- A copy of the user's name, so that a tenant can show its team without reading the users of others.
    display_name text        not null check (length(display_name) between 1 and 120),
    email        text        not null,
    created_at   timestamptz not null default now(),
    primary key (tenant_id, user_id)
);
create index team_members_user on team_members (user_id);
select omniops_secure_tenant_table('team_members');

create table sessions (
    -- SHA-256 of the cookie's 256-bit token: the database cannot be used to log in.
    token_hash   bytea       primary key,
    user_id      uuid        not null references users (id) on delete cascade,
    -- The tenant that the user is working in.
    tenant_id    uuid        not null,
    created_at   timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at   timestamptz not null,
    ip           inet,
    user_agent   text,
    foreign key (tenant_id, user_id) references team_members (tenant_id, user_id) on delete cascade
);
create index sessions_user on sessions (user_id);
create index sessions_member on sessions (tenant_id, user_id);
create index sessions_expiry on sessions (expires_at);
select omniops_secure_tenant_table('sessions');

create table api_keys (
    tenant_id    uuid        not null references tenants (id) on delete cascade,
    id           uuid        not null,
    name         text        not null check (length(name) between 1 and 120),
    -- The first characters of the key, to recognise it by.
    prefix       text        not null,
    -- SHA-256 of the whole key, which holds 256 random bits.
    key_hash     bytea       not null,
    scopes       text[]      not null check (cardinality(scopes) > 0),
    created_by   uuid,
    created_at   timestamptz not null default now(),
    last_used_at timestamptz,
    expires_at   timestamptz,
    revoked_at   timestamptz,
    primary key (tenant_id, id)
);
create unique index api_keys_hash on api_keys (key_hash);
select omniops_secure_tenant_table('api_keys');

-- Every configuration change: who, what, from, to.
create table config_audit_log (
    tenant_id  uuid        not null references tenants (id) on delete cascade,
    id         uuid        not null,
    -- user, api_key, cli or system, with the id of the first two.
    actor_kind text        not null check (actor_kind in ('user', 'api_key', 'cli', 'system')),
    actor_id   uuid,
    action     text        not null,
    target     text        not null,
    before     jsonb,
    after      jsonb,
    ip         inet,
    request_id text,
    created_at timestamptz not null default now(),
    primary key (tenant_id, id)
);
create index config_audit_log_time on config_audit_log (tenant_id, created_at desc, id desc);
select omniops_secure_tenant_table('config_audit_log');
