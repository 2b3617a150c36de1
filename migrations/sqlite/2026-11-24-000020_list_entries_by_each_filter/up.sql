-- Each filter of the audit trail finds its newest entries without reading the others.
CREATE INDEX audit_entries_by_id ON audit_entries (object_id, sequence);
CREATE INDEX audit_entries_by_kind ON audit_entries (object_kind, sequence);
CREATE INDEX audit_entries_by_action ON audit_entries (action, sequence);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor_id, sequence);
CREATE INDEX audit_entries_by_time ON audit_entries (at_ms, sequence);
