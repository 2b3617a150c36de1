-- Which spend has moved: one row for each batch that the ledger took, with the dimensions in it, until
-- budgets have been looked at.
CREATE TABLE spend_moves (
    id TEXT PRIMARY KEY NOT NULL,
    dimensions TEXT NOT NULL
);

-- Where alerts go, beside the configuration file's targets. One without an organization hears of all.
CREATE TABLE alert_targets (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    of_platform BOOLEAN NOT NULL,
    info TEXT NOT NULL,
    sealed_settings TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX alert_targets_by_organization ON alert_targets (organization_id, id);

-- What there was to tell: `occasion` says of which budget, window and threshold, so that each is once.
CREATE TABLE alerts (
    id TEXT PRIMARY KEY NOT NULL,
    occasion TEXT NOT NULL UNIQUE,
    organization_id TEXT,
    team_id TEXT,
    body TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    window_ends_at_ms BIGINT
);
CREATE INDEX alerts_by_organization ON alerts (organization_id, id);
CREATE INDEX alerts_by_end ON alerts (window_ends_at_ms) WHERE window_ends_at_ms IS NOT NULL;

-- The queue: an alert on its way to one target. Whoever takes a row puts its next attempt off first.
CREATE TABLE alert_deliveries (
    id TEXT PRIMARY KEY NOT NULL,
    alert_id TEXT NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at_ms BIGINT NOT NULL,
    last_error TEXT,
    ended_at_ms BIGINT
);
CREATE INDEX alert_deliveries_by_alert ON alert_deliveries (alert_id);
CREATE INDEX alert_deliveries_waiting ON alert_deliveries (next_attempt_at_ms) WHERE state = 'waiting';
