-- Whether a target of alerts hears what each month came to as well.
ALTER TABLE alert_targets ADD COLUMN monthly BOOLEAN NOT NULL DEFAULT FALSE;
