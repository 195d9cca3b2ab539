-- What a tenant sets about its alerts; and what the daily maintenance needs to take old alerts away.

-- Without a row everything is default.
create table alert_settings (
    tenant_id  uuid        primary key references tenants (id) on delete cascade,
    settings   jsonb       not null,
    version    bigint      not null default 1,
    updated_at timestamptz not null default now()
);
select omniops_secure_tenant_table('alert_settings');
create trigger alert_settings_touch before update on alert_settings
    for each row execute function omniops_touch_updated_at();

create index alerts_ended on alerts (resolved_at) where resolved_at is not null;
