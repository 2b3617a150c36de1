-- Keys that were deleted, aside from those that let callers in: nothing that answers a data plane looks
-- here. While one may be restored it is kept whole; after that only its name is, for reports. They point
-- to nothing, so that what they belonged to can be deleted as well.
CREATE TABLE deleted_keys (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL,
    team_id TEXT,
    user_id TEXT,
    environment TEXT,
    alias TEXT,
    last_four TEXT NOT NULL,
    virtual_key TEXT,
    secrets TEXT,
    block_level TEXT,
    block_reason TEXT,
    level TEXT NOT NULL,
    deleted_at_ms BIGINT NOT NULL,
    deleted_by TEXT NOT NULL
);
CREATE INDEX deleted_keys_by_organization ON deleted_keys (organization_id, deleted_at_ms, id);
CREATE INDEX deleted_keys_by_time ON deleted_keys (deleted_at_ms, id);

-- Why a thing was blocked, where somebody said so.
ALTER TABLE blocks ADD COLUMN reason TEXT;
