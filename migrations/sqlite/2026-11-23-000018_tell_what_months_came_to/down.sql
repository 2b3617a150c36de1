ALTER TABLE alert_targets DROP COLUMN monthly;
