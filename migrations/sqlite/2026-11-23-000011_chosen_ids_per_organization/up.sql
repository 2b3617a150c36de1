-- Ids that callers choose are unique in their organization. Over the whole platform, a refusal would
-- tell one tenant what another has. SQLite takes a constraint away only with its table; what points
-- to a team is checked again when all is done.
PRAGMA defer_foreign_keys = ON;

CREATE TABLE old_budgets AS SELECT * FROM budgets;
DROP TABLE budgets;
CREATE TABLE budgets (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    external_id TEXT,
    policy TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (organization_id, external_id)
);
INSERT INTO budgets SELECT * FROM old_budgets;
DROP TABLE old_budgets;
CREATE INDEX budgets_by_external_id ON budgets (external_id);

-- A table that is dropped takes along what is deleted with its rows.
CREATE TABLE old_invitations AS SELECT * FROM invitations WHERE team_id IS NOT NULL;
CREATE TABLE old_teams AS SELECT * FROM teams;
DROP TABLE teams;
CREATE TABLE teams (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    external_id TEXT,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    member_policy TEXT NOT NULL,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (organization_id, external_id)
);
INSERT INTO teams SELECT * FROM old_teams;
DROP TABLE old_teams;
INSERT OR IGNORE INTO invitations SELECT * FROM old_invitations;
DROP TABLE old_invitations;
CREATE INDEX teams_by_organization ON teams (organization_id, id);
CREATE INDEX teams_by_external_id ON teams (external_id);

-- At which level a thing was blocked: who stands below it does not take the block away.
CREATE TABLE blocks (
    object_id TEXT PRIMARY KEY NOT NULL,
    level TEXT NOT NULL
);

-- Orders of lists of keys, so that a page of 100,000 is read and not sorted out of all of them.
CREATE INDEX virtual_keys_by_creation ON virtual_keys (organization_id, created_at_ms, id);
CREATE INDEX virtual_keys_by_name ON virtual_keys (organization_id, lower(COALESCE(alias, '')), id);
CREATE INDEX virtual_keys_by_lifetime
    ON virtual_keys (organization_id, COALESCE(expires_at_ms, 9223372036854775807), id);
CREATE INDEX key_secrets_by_use ON key_secrets (key_id, last_used_at_ms);
DROP INDEX key_secrets_by_key;
