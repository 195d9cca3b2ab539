-- Why a run failed, as a stable code beside the words. Runs that failed before have none.
alter table content_refresh_jobs
    add column error_code text,
    add constraint content_refresh_jobs_error_code_check check (error_code is null or status = 'failed');
