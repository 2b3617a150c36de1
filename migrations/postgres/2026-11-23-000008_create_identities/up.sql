-- People as identity providers know them.
CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at_ms BIGINT NOT NULL,
    last_used_at_ms BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX identities_by_user ON identities (user_id);

-- Roles that providers gave: they are taken back when a provider says so no more. A role over the platform
-- has the organization_id '', one in an organization itself the team_id ''.
CREATE TABLE provided_roles (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (user_id, issuer, organization_id, team_id)
);

-- Sign-ins at a provider that came back: none comes back twice.
CREATE TABLE returned_sign_ins (
    hash TEXT PRIMARY KEY NOT NULL,
    expires_at_ms BIGINT NOT NULL
);
CREATE INDEX returned_sign_ins_by_time ON returned_sign_ins (expires_at_ms);

-- The keys of providers whose tokens callers bring. A data plane that meets an unknown one asks here.
CREATE TABLE identity_keys (
    url TEXT PRIMARY KEY NOT NULL,
    document TEXT NOT NULL,
    fetched_at_ms BIGINT NOT NULL,
    wanted_at_ms BIGINT NOT NULL
);

-- Links with which somebody makes an account, or sets a password anew. Each is good once.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    purpose TEXT NOT NULL,
    email TEXT,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    organization_id TEXT REFERENCES organizations (id) ON DELETE CASCADE,
    team_id TEXT REFERENCES teams (id) ON DELETE CASCADE,
    role TEXT,
    platform_role TEXT,
    expires_at_ms BIGINT NOT NULL,
    accepted_at_ms BIGINT,
    revoked_at_ms BIGINT,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX invitations_by_organization ON invitations (organization_id, id);
CREATE INDEX invitations_by_email ON invitations (email);
