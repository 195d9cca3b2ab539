//! The rules of `migrations/README.md`, checked for every table that there is: a new one is looked at by itself.

use std::collections::BTreeMap;

use omniops_postgres::TestDatabase;

const WITHOUT_A_TENANT: &str = "select c.relname::text from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'f')
           and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and a.attnotnull)
         order by c.relname collate \"C\"";

const WITHOUT_POLICIES: &str = "with tenant_tables as (
             select c.oid, c.relname, c.relrowsecurity and c.relforcerowsecurity as forced,
                    case when c.relname = 'tenants' then 'id' else 'tenant_id' end as tenant_column
             from pg_class c
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'f')
               and (c.relname = 'tenants'
                    or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id'))
         ), expected as (
             select oid, format('(%s = ( SELECT (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::uuid AS \"nullif\"))',
                                tenant_column) as rule
             from tenant_tables
         )
         select t.relname::text from tenant_tables t join expected e using (oid)
         where not t.forced
            or (select count(*) from pg_policy p
                 where p.polrelid = t.oid and p.polroles <> array['omniops_owner'::regrole::oid]) <> 2
            or not exists (
                select from pg_policy p
                where p.polrelid = t.oid and p.polpermissive and p.polcmd = '*'
                  and p.polroles = array['omniops_app'::regrole::oid]
                  and pg_get_expr(p.polqual, p.polrelid) = e.rule and pg_get_expr(p.polwithcheck, p.polrelid) = e.rule)
            or not exists (
                select from pg_policy p
                where p.polrelid = t.oid and p.polpermissive and p.polcmd = '*'
                  and p.polroles = array['omniops_system'::regrole::oid]
                  and pg_get_expr(p.polqual, p.polrelid) = 'true' and pg_get_expr(p.polwithcheck, p.polrelid) = 'true')
         order by 1";

const KEY_WITHOUT_A_TENANT: &str = "select c.relname::text from pg_class c
         join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary and i.indkey[0] = a.attnum)
         order by c.relname collate \"C\"";

/// Tables without a `tenant_id`, and why that is right.
fn tables_without_a_tenant() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("tenants", "its own id is the tenant's; it has policies of its own on that"),
        ("users", "a person may belong to several tenants; only the system role reads it"),
        ("embedding_spaces", "names of public models, the same for all"),
        ("_sqlx_migrations", "what the database's own history is"),
    ])
}

/// Tables whose primary key does not start with the tenant, and why that is right.
fn keys_without_a_tenant() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([("sessions", "a cookie's token is looked up before anybody knows the tenant")])
}

/// Functions that run with their owner's rights, and why that is safe.
fn functions_with_their_owners_rights() -> BTreeMap<&'static str, &'static str> {
    let of_the_tenant = "confines itself to the transaction's tenant, and gives ids or a count";
    BTreeMap::from([
        ("omniops_count_matching_passages", of_the_tenant),
        (
            "omniops_drop_telemetry_before",
            "takes nothing but a moment, keeps thirteen months, and only the system role may call it",
        ),
        ("omniops_ensure_telemetry_partition", "takes nothing but a moment, and only the system role may call it"),
        ("omniops_matching_passages", of_the_tenant),
    ])
}

/// What the owner's functions may see of all tenants, as `table: command`, and why they have to.
fn policies_of_the_owner() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([("page_chunks: r", "full text's index serves no role that a policy confines")])
}

async fn names(test: &TestDatabase, query: &'static str) -> Vec<String> {
    let pool = test.owner_pool().await.expect("a pool");
    sqlx::query_scalar(query).fetch_all(&pool).await.expect("names from the catalogue")
}

/// What the query finds must be exactly what the list explains: nothing unexplained, nothing explained in vain.
async fn assert_explained(query: &'static str, explained: BTreeMap<&'static str, &'static str>) {
    let test = TestDatabase::create().await;
    let found = names(&test, query).await;
    assert_eq!(found, explained.into_keys().collect::<Vec<_>>());
}

/// What the query finds breaks the rule.
async fn assert_none(query: &'static str, rule: &str) {
    let test = TestDatabase::create().await;
    let found = names(&test, query).await;
    assert!(found.is_empty(), "{rule}: {found:#?}");
}

#[tokio::test]
async fn every_table_has_a_tenant_or_a_reason() {
    assert_explained(WITHOUT_A_TENANT, tables_without_a_tenant()).await;
}

#[tokio::test]
async fn every_tenants_table_has_its_policies_in_force_for_everybody() {
    assert_none(WITHOUT_POLICIES, "tables without forced row-level security and the two policies").await;
}

#[tokio::test]
async fn every_primary_key_starts_with_the_tenant_or_has_a_reason() {
    assert_explained(KEY_WITHOUT_A_TENANT, keys_without_a_tenant()).await;
}

#[tokio::test]
async fn references_between_tenants_tables_carry_the_tenant() {
    assert_none(
        "select format('%s.%s', con.conrelid::regclass, con.conname)
         from pg_constraint con
         join pg_class referenced on referenced.oid = con.confrelid
         join pg_attribute theirs on theirs.attrelid = con.confrelid
             and theirs.attname = case when referenced.relname = 'tenants' then 'id' else 'tenant_id' end
         join pg_attribute ours on ours.attrelid = con.conrelid and ours.attname = 'tenant_id'
         where con.contype = 'f' and con.connamespace = 'public'::regnamespace
           and not exists (
               select from unnest(con.conkey, con.confkey) as pair (our, their)
               where pair.our = ours.attnum and pair.their = theirs.attnum)
         order by 1",
        "foreign keys that could point into another tenant",
    )
    .await;
}

#[tokio::test]
async fn every_reference_to_a_tenants_table_has_an_index() {
    assert_none(
        "select format('%s.%s', con.conrelid::regclass, con.conname)
         from pg_constraint con
         where con.contype = 'f' and con.connamespace = 'public'::regnamespace
           and con.confrelid <> 'embedding_spaces'::regclass
           and not exists (
               select from pg_index i
               where i.indrelid = con.conrelid
                 and (select array_agg(column_number order by column_number)
                      from unnest((i.indkey::int2[])[0:cardinality(con.conkey) - 1]) as column_number)
                   = (select array_agg(column_number order by column_number) from unnest(con.conkey) as column_number))
         order by 1",
        "foreign keys whose referenced row cannot be deleted without reading a whole table",
    )
    .await;
}

#[tokio::test]
async fn only_the_system_role_reaches_what_has_no_tenant() {
    let test = TestDatabase::create().await;
    let found = names(
        &test,
        "select format('%s %s', c.relname, p.privilege_type)
         from pg_class c cross join lateral aclexplode(c.relacl) p
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
           and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
           and p.grantee = 'omniops_app'::regrole
         order by 1",
    )
    .await;
    assert_eq!(found, ["embedding_spaces SELECT", "tenants SELECT", "tenants UPDATE"]);
}

#[tokio::test]
async fn nobody_but_the_three_roles_has_rights_on_a_table() {
    assert_none(
        "select format('%s %s %s', c.relname, p.grantee::regrole, p.privilege_type)
         from pg_class c cross join lateral aclexplode(c.relacl) p
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
           and p.grantee not in ('omniops_owner'::regrole, 'omniops_app'::regrole, 'omniops_system'::regrole)
         order by 1",
        "rights of others, such as the log-in role or everybody",
    )
    .await;
}

#[tokio::test]
async fn the_roles_own_nothing_and_stand_below_row_level_security() {
    assert_none(
        "select rolname::text from pg_roles
         where rolname in ('omniops', 'omniops_app', 'omniops_system', 'omniops_owner')
           and (rolsuper or rolbypassrls or rolinherit or rolcreaterole or rolcreatedb or rolreplication)
         union all
         select c.relname::text from pg_class c
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
           and c.relowner <> 'omniops_owner'::regrole",
        "roles with too many rights, and what does not belong to the owner",
    )
    .await;
}

#[tokio::test]
async fn what_proves_something_can_only_be_added_to() {
    assert_none(
        "select format('%s %s %s', c.relname, p.grantee::regrole, p.privilege_type)
         from pg_class c cross join lateral aclexplode(c.relacl) p
         where c.oid in ('config_audit_log'::regclass, 'llm_ledger'::regclass, 'privacy_logs'::regclass)
           and p.grantee <> 'omniops_owner'::regrole and p.privilege_type not in ('SELECT', 'INSERT')
         order by 1",
        "rights to rewrite a log",
    )
    .await;
}

#[tokio::test]
async fn views_look_with_the_eyes_of_who_asks() {
    assert_none(
        "select c.relname::text from pg_class c
         where c.relnamespace = 'public'::regnamespace
           and (c.relkind = 'm' or c.relkind = 'v' and not coalesce(c.reloptions @> array['security_invoker=true'], false))",
        "views that would bypass row-level security",
    )
    .await;
}

#[tokio::test]
async fn functions_with_their_owners_rights_have_a_reason() {
    assert_explained(
        "select p.proname::text from pg_proc p
         where p.pronamespace = 'public'::regnamespace and p.prosecdef order by p.proname collate \"C\"",
        functions_with_their_owners_rights(),
    )
    .await;
}

#[tokio::test]
async fn what_the_owners_functions_may_see_has_a_reason() {
    assert_explained(
        "select format('%s: %s', polrelid::regclass, polcmd) from pg_policy
         where 'omniops_owner'::regrole = any(polroles) or 0 = any(polroles) order by 1",
        policies_of_the_owner(),
    )
    .await;
}

#[tokio::test]
async fn the_walk_finds_a_table_that_forgot_everything() {
    let test = TestDatabase::create().await;
    let pool = test.owner_pool().await.expect("a pool");
    sqlx::raw_sql(
        "create table forgetful (id uuid primary key, tenant_id uuid not null, customer_id uuid not null);
         create table homeless (id uuid primary key);",
    )
    .execute(&pool)
    .await
    .expect("two bad tables");
    assert_eq!(names(&test, WITHOUT_POLICIES).await, ["forgetful"]);
    assert!(names(&test, WITHOUT_A_TENANT).await.contains(&"homeless".to_owned()));
    assert!(names(&test, KEY_WITHOUT_A_TENANT).await.contains(&"forgetful".to_owned()));
}
