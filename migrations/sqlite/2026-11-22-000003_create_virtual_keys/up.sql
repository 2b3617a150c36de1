CREATE TABLE virtual_keys (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    team_id TEXT REFERENCES teams (id),
    project_id TEXT REFERENCES projects (id),
    user_id TEXT REFERENCES users (id),
    service_account_id TEXT REFERENCES service_accounts (id),
    alias TEXT,
    environment TEXT,
    hash TEXT NOT NULL UNIQUE,
    last_four TEXT NOT NULL,
    policy TEXT NOT NULL,
    expires_at_ms BIGINT,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (organization_id, alias)
);
-- What a search looks at stands in these two, so that it reads no policies.
CREATE INDEX virtual_keys_by_search ON virtual_keys (id, alias, last_four);
CREATE INDEX virtual_keys_by_organization ON virtual_keys (organization_id, id, alias, last_four);
CREATE INDEX virtual_keys_by_team ON virtual_keys (team_id, id);
CREATE INDEX virtual_keys_by_user ON virtual_keys (user_id, id);
CREATE INDEX virtual_keys_by_project ON virtual_keys (project_id, id);
CREATE INDEX virtual_keys_by_service_account ON virtual_keys (service_account_id, id);
CREATE INDEX virtual_keys_by_alias ON virtual_keys (alias, id);
CREATE INDEX virtual_keys_by_environment ON virtual_keys (environment, id);
CREATE INDEX virtual_keys_by_blocked ON virtual_keys (blocked, id);
CREATE INDEX virtual_keys_by_end ON virtual_keys (expires_at_ms, id);

-- The secrets of a key: one, or two while it is rotated.
CREATE TABLE key_secrets (
    hash TEXT PRIMARY KEY NOT NULL,
    key_id TEXT NOT NULL REFERENCES virtual_keys (id),
    last_four TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    ends_at_ms BIGINT,
    uses BIGINT NOT NULL,
    last_used_at_ms BIGINT
);
CREATE INDEX key_secrets_by_key ON key_secrets (key_id);

-- Corrections of spend, each with its reason.
CREATE TABLE adjustments (
    id TEXT PRIMARY KEY NOT NULL,
    scope_kind TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    amount_nanousd BIGINT NOT NULL,
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    at_ms BIGINT NOT NULL
);
CREATE INDEX adjustments_by_scope ON adjustments (scope_kind, scope_id);
