-- Full text through its index. A policy comes before every condition that might leak what it reads, and `@@` is not
-- marked leakproof: as the app role, a search could only read all of the tenant's passages and compare each. So the
-- comparison moves into functions with the owner's rights, which confine themselves to the transaction's tenant; they
-- give no more than ids and counts, and the rows are read under the policies as before.

create extension if not exists btree_gin;
-- With the tenant in it, so that the words of others cost nothing. No index has served full text as the app role, and
-- the system role does not search: nothing loses the old one.
create index page_chunks_tenant_search on page_chunks using gin (tenant_id, search);
drop index page_chunks_search;

-- Forced row-level security holds for the owner too; this lets its functions, and nobody who can log in, read.
create policy full_text on page_chunks for select to omniops_owner using (true);

-- The tenant's passages that match, of one domain or of all.
create function omniops_matching_passages(words tsquery, within_domain uuid) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp set row_security = on
    as $$
        select c.id
          from page_chunks c
         where c.tenant_id = omniops_tenant_id()
           and c.search @@ words
           and (within_domain is null or c.domain_id = within_domain)
    $$;

-- How many of the tenant's passages match.
create function omniops_count_matching_passages(words tsquery, within_domain uuid) returns bigint
    language sql stable security definer set search_path = public, pg_temp set row_security = on
    as $$ select count(*) from omniops_matching_passages(words, within_domain) $$;

revoke all on function omniops_matching_passages(tsquery, uuid), omniops_count_matching_passages(tsquery, uuid) from public;
grant execute on function omniops_matching_passages(tsquery, uuid), omniops_count_matching_passages(tsquery, uuid)
    to omniops_app;
