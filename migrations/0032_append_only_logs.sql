-- The two logs that prove something, who changed the configuration and who agreed to what, can only be added to. A
-- tenant that is deleted still takes its rows along: that is done with the owner's rights.
revoke update, delete on config_audit_log, privacy_logs from omniops_app, omniops_system;
