-- Which entries of the audit trail are about a thing that they do not name alone: a key that was deleted with
-- others, or made with its person. It is for finding them; what is chained stands in the entry itself.
CREATE TABLE audit_objects (
    object_id TEXT   NOT NULL,
    sequence  BIGINT NOT NULL,
    PRIMARY KEY (object_id, sequence)
);

INSERT INTO audit_objects (object_id, sequence)
SELECT DISTINCT ids.value, entries.sequence
FROM (SELECT '["' || replace(object_id, ',', '","') || '"]' AS listed, sequence FROM audit_entries
      WHERE object_kind IN ('key', 'team', 'user', 'organization', 'end_user') AND object_id LIKE '%,%'
        AND object_id NOT LIKE '%"%' AND object_id NOT LIKE '%\%') AS entries, json_each(entries.listed) AS ids;
