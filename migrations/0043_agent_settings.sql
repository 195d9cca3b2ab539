-- What a tenant sets about its AI agent; without a row everything is default. The provider's key and the tools' secrets
-- are among the tenant's sealed secrets, never here.
create table agent_settings (
    tenant_id  uuid        primary key references tenants (id) on delete cascade,
    settings   jsonb       not null,
    version    bigint      not null default 1,
    updated_at timestamptz not null default now()
);
select omniops_secure_tenant_table('agent_settings');
create trigger agent_settings_touch before update on agent_settings
    for each row execute function omniops_touch_updated_at();

-- The older part of a long conversation in a few sentences, up to and with the message of that number: what the model is
-- given instead of it. Goes with its conversation.
create table conversation_summaries (
    tenant_id       uuid        not null,
    conversation_id uuid        not null,
    up_to_seq       bigint      not null,
    summary         text        not null,
    updated_at      timestamptz not null default now(),
    primary key (tenant_id, conversation_id),
    foreign key (tenant_id, conversation_id) references conversations (tenant_id, id) on delete cascade
);
select omniops_secure_tenant_table('conversation_summaries');
