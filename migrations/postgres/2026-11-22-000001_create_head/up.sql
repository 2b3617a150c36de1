-- The present revision, the end of the audit chain, and which key secrets are encrypted with: one
-- row, whose lock gives changes their order.
CREATE TABLE head (
    id BIGINT PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL,
    audit_sequence BIGINT NOT NULL,
    audit_mac TEXT NOT NULL,
    encryption_key_id TEXT NOT NULL
);

-- What each revision touched, so that data planes read that alone.
CREATE TABLE changes (
    revision BIGINT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (revision, kind, object_id)
);

CREATE TABLE audit_entries (
    sequence BIGINT PRIMARY KEY NOT NULL,
    at_ms BIGINT NOT NULL,
    organization_id TEXT,
    team_id TEXT,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    address TEXT,
    session_id TEXT,
    on_behalf_of TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    before_value TEXT,
    after_value TEXT,
    reason TEXT,
    mac TEXT NOT NULL
);
CREATE INDEX audit_entries_by_organization ON audit_entries (organization_id, sequence);
CREATE INDEX audit_entries_by_object ON audit_entries (object_kind, object_id, sequence);

INSERT INTO head (id, revision, audit_sequence, audit_mac, encryption_key_id) VALUES (1, 0, 0, '', '');
