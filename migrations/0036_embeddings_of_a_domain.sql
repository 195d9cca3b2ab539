-- Began with tenant and model. Before a table's first statistics the planner then took it for the look-up of one passage's
-- vector and read all of the tenant's for each: quadratic right after a first large crawl. With the domain first it serves
-- what it is for, the scan of a domain's vectors, and nothing else.
create index page_embeddings_of_domain on page_embeddings (domain_id, space_id, tenant_id);
drop index page_embeddings_scan;
