-- What the AI may answer from: sources, fetched pages, passages and their vectors, crawl runs, the search log.

create table knowledge_sources (
    tenant_id  uuid        not null,
    id         uuid        not null,
    domain_id  uuid        not null,
    kind       text        not null check (kind in ('site', 'page')),
    url        text        not null check (length(url) between 1 and 2000),
    -- {max_pages, max_depth, include[], exclude[]}
    options    jsonb       not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, domain_id, url),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade
);
select omniops_secure_tenant_table('knowledge_sources');
create trigger knowledge_sources_touch before update on knowledge_sources
    for each row execute function omniops_touch_updated_at();

create table scraped_pages (
    tenant_id     uuid        not null,
    id            uuid        not null,
    domain_id     uuid        not null,
    source_id     uuid        not null,
    -- The canonical address.
    url           text        not null check (length(url) between 1 and 2000),
    title         text        not null,
    language      text,
    -- The main content as Markdown-like text with headings.
    content       text        not null,
    content_hash  bytea       not null,
    etag          text,
    last_modified text,
    fetched_at    timestamptz not null default now(),
    changed_at    timestamptz not null default now(),
    primary key (tenant_id, id),
    unique (tenant_id, source_id, url),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade,
    foreign key (tenant_id, source_id) references knowledge_sources (tenant_id, id) on delete cascade
);
create index scraped_pages_domain on scraped_pages (tenant_id, domain_id, fetched_at desc, id desc);
select omniops_secure_tenant_table('scraped_pages');

-- A space is what makes two vectors comparable: provider, model and dimensions.
create table embedding_spaces (
    id         smallint    generated always as identity primary key,
    provider   text        not null,
    model      text        not null,
    dimensions integer     not null check (dimensions between 1 and 4096),
    created_at timestamptz not null default now(),
    unique (provider, model, dimensions)
);
grant select on embedding_spaces to omniops_app;
grant select, insert on embedding_spaces to omniops_system;

create table page_chunks (
    tenant_id    uuid     not null,
    id           uuid     not null,
    page_id      uuid     not null,
    domain_id    uuid     not null,
    ordinal      integer  not null,
    -- Title, then the headings above the passage.
    heading_path text[]   not null,
    -- The passage as it stands on the page: what is quoted.
    text         text     not null,
    -- SHA-256 of title, heading path and text: what was embedded.
    content_hash bytea    not null,
    language     text,
    search       tsvector not null,
    primary key (tenant_id, id),
    unique (tenant_id, page_id, ordinal),
    foreign key (tenant_id, page_id) references scraped_pages (tenant_id, id) on delete cascade,
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade
);
create index page_chunks_domain on page_chunks (tenant_id, domain_id);
create index page_chunks_search on page_chunks using gin (search);
select omniops_secure_tenant_table('page_chunks');

create table page_embeddings (
    tenant_id uuid     not null,
    chunk_id  uuid     not null,
    space_id  smallint not null references embedding_spaces (id),
    -- A copy of the chunk's, so that a vector scan filters without a join.
    domain_id uuid     not null,
    embedding vector   not null,
    primary key (tenant_id, chunk_id, space_id),
    foreign key (tenant_id, chunk_id) references page_chunks (tenant_id, id) on delete cascade
);
create index page_embeddings_scan on page_embeddings (tenant_id, space_id, domain_id);
-- For large tenants; small ones are scanned exactly. One index a dimension: pgvector needs it fixed.
create index page_embeddings_hnsw_384 on page_embeddings
    using hnsw ((embedding::vector(384)) vector_cosine_ops) where vector_dims(embedding) = 384;
create index page_embeddings_hnsw_1536 on page_embeddings
    using hnsw ((embedding::vector(1536)) vector_cosine_ops) where vector_dims(embedding) = 1536;
select omniops_secure_tenant_table('page_embeddings');

-- One run of a crawl or a re-embedding, with its progress.
create table content_refresh_jobs (
    tenant_id       uuid        not null,
    id              uuid        not null,
    source_id       uuid        not null,
    kind            text        not null check (kind in ('crawl', 'reembed')),
    status          text        not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    pages_found     bigint      not null default 0,
    pages_fetched   bigint      not null default 0,
    pages_changed   bigint      not null default 0,
    pages_failed    bigint      not null default 0,
    chunks_embedded bigint      not null default 0,
    -- [{url, reason}], the first hundred.
    failures        jsonb       not null default '[]',
    error           text,
    created_at      timestamptz not null default now(),
    started_at      timestamptz,
    -- A running job whose heartbeat is old belonged to a process that died.
    heartbeat_at    timestamptz,
    finished_at     timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, source_id) references knowledge_sources (tenant_id, id) on delete cascade
);
create index content_refresh_jobs_source on content_refresh_jobs (tenant_id, source_id, created_at desc);
-- One live run a source.
create unique index content_refresh_jobs_live on content_refresh_jobs (tenant_id, source_id, kind)
    where status in ('queued', 'running');
select omniops_secure_tenant_table('content_refresh_jobs');

create table search_log (
    tenant_id       uuid        not null references tenants (id) on delete cascade,
    id              uuid        not null,
    domain_id       uuid,
    conversation_id uuid,
    query           text        not null check (length(query) <= 4000),
    -- [{chunk_id, content_hash, cosine, text_rank, score}] best first.
    results         jsonb       not null,
    result_count    integer     not null,
    best_cosine     real,
    duration_ms     integer     not null,
    created_at      timestamptz not null default now(),
    primary key (tenant_id, id),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade,
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
create index search_log_time on search_log (tenant_id, created_at desc, id desc);
create index search_log_empty on search_log (tenant_id, created_at desc) where result_count = 0;
create index search_log_conversation on search_log (tenant_id, conversation_id) where conversation_id is not null;
create index search_log_domain on search_log (tenant_id, domain_id) where domain_id is not null;
select omniops_secure_tenant_table('search_log');
