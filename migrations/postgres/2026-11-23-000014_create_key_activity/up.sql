-- When keys were last used and what they have spent since ever, a narrow row each: lists of 100,000 keys are
-- ordered by it from an index. Kept by whoever notes uses and by the roll-ups; a key that is gone may
-- have a row still.
CREATE TABLE key_activity (
    key_id TEXT PRIMARY KEY NOT NULL,
    last_used_at_ms BIGINT NOT NULL,
    spent_nanousd BIGINT NOT NULL
);
INSERT INTO key_activity (key_id, last_used_at_ms, spent_nanousd)
SELECT
    id,
    (SELECT COALESCE(MAX(s.last_used_at_ms), 0) FROM key_secrets s WHERE s.key_id = virtual_keys.id),
    (
        SELECT CAST(COALESCE(SUM(t.charge_nanousd), 0) AS BIGINT) FROM usage_dimensions d
        JOIN usage_totals t ON t.dimension_id = d.id
        WHERE d.key_id <> '' AND d.key_id = virtual_keys.id
    )
FROM virtual_keys;
CREATE INDEX key_activity_by_use ON key_activity (last_used_at_ms, key_id);
CREATE INDEX key_activity_by_spend ON key_activity (spent_nanousd, key_id);
