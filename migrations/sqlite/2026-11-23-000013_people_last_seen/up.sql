-- When a person last used the console: sessions that are over are forgotten, so they cannot say it.
ALTER TABLE users ADD COLUMN last_seen_at_ms BIGINT;
UPDATE users SET last_seen_at_ms =
    (SELECT MAX(sessions.last_seen_at_ms) FROM sessions WHERE sessions.user_id = users.id);
CREATE INDEX invitations_by_user ON invitations (user_id) WHERE user_id IS NOT NULL;
