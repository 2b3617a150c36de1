-- Ids that callers choose are unique in their organization. Over the whole platform, a refusal would
-- tell one tenant what another has.
ALTER TABLE budgets DROP CONSTRAINT budgets_external_id_key;
ALTER TABLE budgets ADD UNIQUE (organization_id, external_id);
CREATE INDEX budgets_by_external_id ON budgets (external_id);
ALTER TABLE teams DROP CONSTRAINT teams_external_id_key;
ALTER TABLE teams ADD UNIQUE (organization_id, external_id);
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
