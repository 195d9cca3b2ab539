-- A year's figures from few rows: months beside days, and each day's course in one value.

alter table chat_telemetry_model_rollups
    drop constraint chat_telemetry_model_rollups_grain_check,
    add constraint chat_telemetry_model_rollups_grain_check check (grain in ('quarter_hour', 'day', 'month')),
    -- Of a day: what each of its 96 quarters of an hour held, from which the series and the heat map of any time zone are
    -- made. One number of variable length after the other (LEB128): how many metrics a quarter has, and then for each
    -- quarter its turns and, where there are any, the other metrics in the order of `Slot` in `telemetry/course.rs`.
    add column course bytea;
alter table chat_telemetry_domain_rollups
    drop constraint chat_telemetry_model_rollups_grain_check,
    add constraint chat_telemetry_model_rollups_grain_check check (grain in ('quarter_hour', 'day', 'month')),
    add column course bytea;
alter table chat_telemetry_rollups
    drop constraint chat_telemetry_model_rollups_grain_check,
    add constraint chat_telemetry_model_rollups_grain_check check (grain in ('quarter_hour', 'day', 'month')),
    add column course bytea;

-- Days without a course: those from before this migration, and those that the previous binary counts beside this one. The
-- worker sums them up anew, and their months with them.
create index chat_telemetry_rollups_unfinished on chat_telemetry_rollups (tenant_id, bucket)
    where grain = 'day' and course is null;
