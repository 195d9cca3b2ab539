-- Written once by its default and never again or read: when a customer was last seen is a column of customers.
alter table customer_identities drop column last_seen_at;
