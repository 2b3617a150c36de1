-- Without a user the session is the operator's, who signed in with the master key. The role is that
-- of the sign-in: a session does not outlive a change of it.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    user_id TEXT REFERENCES users (id),
    csrf_hash TEXT NOT NULL,
    address TEXT,
    user_agent TEXT,
    created_at_ms BIGINT NOT NULL,
    last_seen_at_ms BIGINT NOT NULL,
    expires_at_ms BIGINT NOT NULL,
    platform_role TEXT
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Failed sign-ins by account and network, for the growing delay.
CREATE TABLE sign_in_failures (
    account TEXT NOT NULL,
    network TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at_ms BIGINT NOT NULL,
    PRIMARY KEY (account, network)
);
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (last_at_ms);

-- The one-time token with which the first administrator is made.
CREATE TABLE setup_tokens (
    hash TEXT PRIMARY KEY NOT NULL,
    expires_at_ms BIGINT NOT NULL
);

-- Answers to requests with an Idempotency-Key, encrypted: a new key is in one of them.
CREATE TABLE idempotency_keys (
    actor TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    status BIGINT NOT NULL,
    sealed_body TEXT NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (actor, idempotency_key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (at_ms);
