-- What every later table is built with: extensions, the tenant policy, the update stamp.

create extension if not exists vector;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

-- The tenant that the transaction works for; null, and so no row at all, when none was set.
create function omniops_tenant_id() returns uuid
    language sql stable parallel safe
    as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$;

-- Row-level security for a table with a tenant_id column. The tenant policy holds for every role, the
-- owner included (FORCE); the system role crosses tenants by a policy of its own, not by BYPASSRLS.
create function omniops_secure_tenant_table(target regclass) returns void
    language plpgsql
    as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format(
        'create policy tenant_isolation on %s to omniops_app
             using (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))
             with check (tenant_id = (select nullif(current_setting(''app.tenant_id'', true), '''')::uuid))',
        target);
    execute format('create policy system_access on %s to omniops_system using (true) with check (true)', target);
    execute format('grant select, insert, update, delete on %s to omniops_app, omniops_system', target);
end
$$;

create function omniops_touch_updated_at() returns trigger
    language plpgsql
    as $$
begin
    new.updated_at := now();
    return new;
end
$$;
