-- A visitor may delete what is stored about them. The log of consents outlives the customer whom it is about: it is the
-- tenant's proof, holds no personal data but an id that leads nowhere any more, and notes the erasure itself.

alter table privacy_logs
    drop constraint privacy_logs_tenant_id_customer_id_fkey,
    alter column consent_version drop not null,
    drop constraint privacy_logs_kind_check,
    add constraint privacy_logs_kind_check
        check (kind in ('consent_granted', 'consent_withdrawn', 'erased')),
    add constraint privacy_logs_version_check
        check ((consent_version is null) = (kind = 'erased'));
