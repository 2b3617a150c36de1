CREATE INDEX key_secrets_by_key ON key_secrets (key_id);
DROP INDEX key_secrets_by_use;
DROP INDEX virtual_keys_by_lifetime;
DROP INDEX virtual_keys_by_name;
DROP INDEX virtual_keys_by_creation;
DROP TABLE blocks;

PRAGMA defer_foreign_keys = ON;

CREATE TABLE old_budgets AS SELECT * FROM budgets;
DROP TABLE budgets;
CREATE TABLE budgets (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    external_id TEXT UNIQUE,
    policy TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);
INSERT INTO budgets SELECT * FROM old_budgets;
DROP TABLE old_budgets;

-- A table that is dropped takes along what is deleted with its rows.
CREATE TABLE old_invitations AS SELECT * FROM invitations WHERE team_id IS NOT NULL;
CREATE TABLE old_teams AS SELECT * FROM teams;
DROP TABLE teams;
CREATE TABLE teams (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    external_id TEXT UNIQUE,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    member_policy TEXT NOT NULL,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);
INSERT INTO teams SELECT * FROM old_teams;
DROP TABLE old_teams;
INSERT OR IGNORE INTO invitations SELECT * FROM old_invitations;
DROP TABLE old_invitations;
CREATE INDEX teams_by_organization ON teams (organization_id, id);
