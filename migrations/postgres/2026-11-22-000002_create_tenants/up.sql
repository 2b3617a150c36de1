CREATE TABLE organizations (
    id TEXT PRIMARY KEY NOT NULL,
    external_id TEXT UNIQUE,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    policy TEXT NOT NULL,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

CREATE TABLE teams (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    external_id TEXT UNIQUE,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    member_policy TEXT NOT NULL,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX teams_by_organization ON teams (organization_id, id);

CREATE TABLE projects (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    team_id TEXT NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (team_id, name)
);

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    external_id TEXT UNIQUE,
    email TEXT UNIQUE,
    name TEXT,
    platform_role TEXT,
    password_hash TEXT,
    policy TEXT NOT NULL,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

-- A member of an organization itself has the team_id ''.
CREATE TABLE members (
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    team_id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    role TEXT NOT NULL,
    policy TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    PRIMARY KEY (organization_id, team_id, user_id)
);
CREATE INDEX members_by_user ON members (user_id);
CREATE INDEX members_by_team ON members (team_id);

CREATE TABLE service_accounts (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    team_id TEXT NOT NULL REFERENCES teams (id),
    name TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (team_id, name)
);

CREATE TABLE end_users (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    external_id TEXT NOT NULL,
    name TEXT,
    policy TEXT NOT NULL,
    blocked BOOLEAN NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (organization_id, external_id)
);

CREATE TABLE tags (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    name TEXT NOT NULL,
    description TEXT,
    policy TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL,
    UNIQUE (organization_id, name)
);

CREATE TABLE budgets (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    external_id TEXT UNIQUE,
    policy TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);

CREATE TABLE templates (
    id TEXT PRIMARY KEY NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id),
    environment TEXT,
    name TEXT NOT NULL,
    defaults TEXT NOT NULL,
    default_lifetime TEXT,
    caps TEXT NOT NULL,
    longest_lifetime TEXT,
    created_at_ms BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    updated_by TEXT NOT NULL
);
CREATE INDEX templates_by_organization ON templates (organization_id, environment);
