-- What became of each conversation in which the AI took part: confirmed, assumed or not resolved.

-- One row a conversation, about the AI's last turn in it that posted something. Figures outlive conversations, as the turns
-- do, so there is no foreign key to either; the daily maintenance takes away what is older than the turns are kept.
create table ai_resolutions (
    tenant_id       uuid        not null references tenants (id) on delete cascade,
    conversation_id uuid        not null,
    turn_id         uuid        not null,
    turn_at         timestamptz not null,
    -- waiting: answered, and the customer has been silent for less than a day. assumed: for a day. confirmed: the customer
    -- said so. unresolved: a person was called in or took over, the customer wrote again, or there was no answer.
    state           text        not null check (state in ('waiting', 'assumed', 'confirmed', 'unresolved')),
    -- When it has to be looked at: at once after something happened, a day after an answer; never again without it.
    due_at          timestamptz,
    primary key (tenant_id, conversation_id)
);
create index ai_resolutions_due on ai_resolutions (due_at) where due_at is not null;
create index ai_resolutions_age on ai_resolutions (turn_at);
select omniops_secure_tenant_table('ai_resolutions');

-- The triggers only say that something happened, in its own transaction; the worker looks, and so is right however late
-- that commits. They wait for a worker that is looking at the row, because it does not see what they are about.
create function omniops_note_turns_for_resolutions() returns trigger
    language plpgsql
    as $$
begin
    if tg_op = 'DELETE' then
        update ai_resolutions s set due_at = clock_timestamp()
        from old_rows r where s.tenant_id = r.tenant_id and s.conversation_id = r.conversation_id;
    else
        insert into ai_resolutions as s (tenant_id, conversation_id, turn_id, turn_at, state, due_at)
        select distinct on (r.tenant_id, r.conversation_id)
               r.tenant_id, r.conversation_id, r.id, r.created_at, 'waiting', clock_timestamp()
        from new_rows r
        where r.outcome <> 'dropped'
        order by r.tenant_id, r.conversation_id, r.created_at desc, r.id desc
        on conflict (tenant_id, conversation_id) do update set due_at = excluded.due_at;
    end if;
    return null;
end
$$;
create trigger chat_telemetry_inserted_for_resolutions after insert on chat_telemetry
    referencing new table as new_rows for each statement execute function omniops_note_turns_for_resolutions();
create trigger chat_telemetry_updated_for_resolutions after update on chat_telemetry
    referencing new table as new_rows for each statement execute function omniops_note_turns_for_resolutions();
create trigger chat_telemetry_deleted_for_resolutions after delete on chat_telemetry
    referencing old table as old_rows for each statement execute function omniops_note_turns_for_resolutions();

create function omniops_note_message_for_resolutions() returns trigger
    language plpgsql
    as $$
begin
    update ai_resolutions set due_at = clock_timestamp()
    where tenant_id = new.tenant_id and conversation_id = new.conversation_id;
    return null;
end
$$;
create trigger messages_for_resolutions after insert on messages
    for each row when (new.kind = 'reply' and new.author_kind in ('customer', 'agent'))
    execute function omniops_note_message_for_resolutions();

create function omniops_note_conversation_for_resolutions() returns trigger
    language plpgsql
    as $$
begin
    update ai_resolutions set due_at = clock_timestamp() where tenant_id = new.tenant_id and conversation_id = new.id;
    return null;
end
$$;
create trigger conversations_for_resolutions after update of ai_state on conversations
    for each row when (old.ai_state <> new.ai_state)
    execute function omniops_note_conversation_for_resolutions();

create function omniops_note_feedback_for_resolutions() returns trigger
    language plpgsql
    as $$
begin
    update ai_resolutions s set due_at = clock_timestamp()
    from messages m
    where m.tenant_id = coalesce(new.tenant_id, old.tenant_id) and m.id = coalesce(new.message_id, old.message_id)
      and s.tenant_id = m.tenant_id and s.conversation_id = m.conversation_id;
    return null;
end
$$;
create trigger message_feedback_for_resolutions after insert or update or delete on message_feedback
    for each row execute function omniops_note_feedback_for_resolutions();

-- A resolution counts in the quarter of an hour of its turn. That of a new row is noted by the turn itself, and what is
-- taken away because it is old leaves the figures as they are.
create function omniops_note_resolution_changes() returns trigger
    language plpgsql
    as $$
begin
    insert into chat_telemetry_changes (tenant_id, bucket)
    select distinct moved.tenant_id, omniops_telemetry_bucket(moved.turn_at)
    from old_rows o
    join new_rows n using (tenant_id, conversation_id)
    cross join lateral (values (o.tenant_id, o.turn_at), (n.tenant_id, n.turn_at)) as moved (tenant_id, turn_at)
    where (o.turn_id, o.turn_at, o.state) is distinct from (n.turn_id, n.turn_at, n.state);
    return null;
end
$$;
create trigger ai_resolutions_updated after update on ai_resolutions
    referencing old table as old_rows new table as new_rows
    for each statement execute function omniops_note_resolution_changes();

-- Nullable, because the previous binary writes the coarser rows without them: null is nought.
alter table chat_telemetry_model_rollups
    add column conversations bigint,
    add column confirmed     bigint,
    add column assumed       bigint,
    add column waiting       bigint;
alter table chat_telemetry_domain_rollups
    add column conversations bigint,
    add column confirmed     bigint,
    add column assumed       bigint,
    add column waiting       bigint;
alter table chat_telemetry_rollups
    add column conversations bigint,
    add column confirmed     bigint,
    add column assumed       bigint,
    add column waiting       bigint;

-- What is there already.
set local role omniops_system;
set local row_security = on;
insert into ai_resolutions (tenant_id, conversation_id, turn_id, turn_at, state, due_at)
select distinct on (tenant_id, conversation_id) tenant_id, conversation_id, id, created_at, 'waiting', now()
from chat_telemetry
where outcome <> 'dropped'
order by tenant_id, conversation_id, created_at desc, id desc;
insert into chat_telemetry_changes (tenant_id, bucket)
select distinct tenant_id, omniops_telemetry_bucket(turn_at) from ai_resolutions;
set local role omniops_owner;
set local row_security = off;
