DROP INDEX audit_entries_by_time;
DROP INDEX audit_entries_by_actor;
DROP INDEX audit_entries_by_action;
DROP INDEX audit_entries_by_kind;
DROP INDEX audit_entries_by_id;
