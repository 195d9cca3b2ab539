-- What a crawl remembers between runs, and which vectors answer.

-- Where the page links to: a page that is not modified is not read again, and the crawl goes on from here.
alter table scraped_pages add column links text[] not null default '{}';

-- How often the job was begun: one that ends its process each time is given up at last.
alter table content_refresh_jobs add column attempts integer not null default 0;
-- Whether the worker may fetch the source's own host although it is private: the command line on one's own machine.
alter table content_refresh_jobs add column allow_own_host boolean not null default false;
create index content_refresh_jobs_waiting on content_refresh_jobs (created_at) where status in ('queued', 'running');

-- The space that covers all passages of a domain. It changes when the last passage has its vector in another one.
create table domain_embedding_spaces (
    tenant_id    uuid        not null,
    domain_id    uuid        not null,
    space_id     smallint    not null references embedding_spaces (id),
    activated_at timestamptz not null default now(),
    primary key (tenant_id, domain_id),
    foreign key (tenant_id, domain_id) references domains (tenant_id, id) on delete cascade
);
select omniops_secure_tenant_table('domain_embedding_spaces');
