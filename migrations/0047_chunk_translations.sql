-- What passages in other languages say in English, for the claim check of the agent's answers alone: nobody is shown it.
-- A passage is translated once. It is never changed under its id, so the translation goes with it. Where a model left parts of it
-- out, or could not do it at all, those stand as on the page, and it is asked for again another day.
create table chunk_translations (
    tenant_id    uuid        not null,
    chunk_id     uuid        not null,
    title        text        not null,
    -- As many as the passage has.
    heading_path text[]      not null,
    text         text        not null,
    is_whole     boolean     not null,
    -- Which model translated it.
    model        text        not null,
    made_at      timestamptz not null default now(),
    primary key (tenant_id, chunk_id),
    foreign key (tenant_id, chunk_id) references page_chunks (tenant_id, id) on delete cascade
);
select omniops_secure_tenant_table('chunk_translations');
