-- A send without an answer belongs to the process that renews its lease; when that process died, another takes it up.
alter table chat_requests
    add column leased_until timestamptz not null default now(),
    -- How often the answer was taken up, so that one that ends its process each time is given up at last.
    add column attempts integer not null default 1;
