DROP INDEX invitations_by_user;
ALTER TABLE users DROP COLUMN last_seen_at_ms;
