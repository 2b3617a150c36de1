ALTER TABLE blocks DROP COLUMN reason;
DROP TABLE deleted_keys;
