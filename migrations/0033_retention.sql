-- What the daily maintenance needs to find what is old, and to drop telemetry month by month.

create index chat_requests_answered on chat_requests (created_at) where response is not null;
create index search_log_age on search_log (created_at);

-- Drops the partitions of the months before the one that holds `moment`, and gives how many those were. Reports look
-- back a year: nothing younger than thirteen months is dropped, whatever is asked for.
create function omniops_drop_telemetry_before(moment timestamptz) returns integer
    language plpgsql security definer set search_path = public, pg_temp
    as $$
declare
    kept_from constant timestamptz := least(moment, now() - interval '13 months');
    first_kept constant text := 'chat_telemetry_' || to_char(kept_from at time zone 'UTC', 'YYYYMM');
    partition_name text;
    dropped integer := 0;
begin
    for partition_name in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'chat_telemetry'::regclass and c.relname < first_kept
    loop
        execute format('drop table %I', partition_name);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;
revoke all on function omniops_drop_telemetry_before(timestamptz) from public;
grant execute on function omniops_drop_telemetry_before(timestamptz) to omniops_system;
