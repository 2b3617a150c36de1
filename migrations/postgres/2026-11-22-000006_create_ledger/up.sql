-- Corrections are found by their model and window too, and followed by their revision.
ALTER TABLE adjustments ADD COLUMN model TEXT;
ALTER TABLE adjustments ADD COLUMN budget_window TEXT;
ALTER TABLE adjustments ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
CREATE INDEX adjustments_by_revision ON adjustments (revision);
-- End users and tags are named by their organization and the word that requests give.
UPDATE adjustments SET scope_id =
    (SELECT organization_id || '/' || external_id FROM end_users WHERE end_users.id = scope_id)
    WHERE scope_kind = 'end_user' AND scope_id IN (SELECT id FROM end_users);
UPDATE adjustments SET scope_id =
    (SELECT organization_id || '/' || name FROM tags WHERE tags.id = scope_id)
    WHERE scope_kind = 'tag' AND scope_id IN (SELECT id FROM tags);

-- How far each strand of a journal has been taken.
CREATE TABLE strands (
    strand TEXT PRIMARY KEY NOT NULL,
    segment BIGINT NOT NULL,
    offset_bytes BIGINT NOT NULL
);

CREATE SEQUENCE usage_dimension_ids;

-- Every combination of what usage is split by, once; '' where there is none. `digest` is made of
-- all of it and of the tags. Roll-ups by days are made of days of `time_zone`.
CREATE TABLE usage_dimensions (
    id BIGINT PRIMARY KEY DEFAULT nextval('usage_dimension_ids'),
    digest TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    key_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    end_user TEXT NOT NULL,
    environment TEXT NOT NULL,
    model_group TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    deployment_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    status BIGINT NOT NULL,
    time_zone TEXT NOT NULL
);
CREATE INDEX usage_dimensions_by_organization ON usage_dimensions (organization_id);
CREATE INDEX usage_dimensions_by_key ON usage_dimensions (key_id) WHERE key_id <> '';
CREATE INDEX usage_dimensions_by_team ON usage_dimensions (team_id) WHERE team_id <> '';
CREATE INDEX usage_dimensions_by_project ON usage_dimensions (project_id) WHERE project_id <> '';
CREATE INDEX usage_dimensions_by_user ON usage_dimensions (user_id) WHERE user_id <> '';
CREATE INDEX usage_dimensions_by_end_user ON usage_dimensions (end_user) WHERE end_user <> '';

CREATE TABLE usage_dimension_tags (
    dimension_id BIGINT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (dimension_id, tag)
);
CREATE INDEX usage_dimension_tags_by_tag ON usage_dimension_tags (tag);

-- The zones that occur in usage_dimensions.
CREATE TABLE usage_zones (
    time_zone TEXT PRIMARY KEY NOT NULL
);

-- Names of end users and tags by month, so that their number is bounded.
CREATE TABLE usage_names (
    organization_id TEXT NOT NULL,
    month BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (organization_id, month, kind, name)
);

-- The roll-ups: the ledger of record.
CREATE TABLE usage_quarters (
    quarter_ms BIGINT NOT NULL,
    dimension_id BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    cache_write_1h_tokens BIGINT NOT NULL,
    audio_input_tokens BIGINT NOT NULL,
    image_input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    audio_output_tokens BIGINT NOT NULL,
    charge_nanousd BIGINT NOT NULL,
    estimated_nanousd BIGINT NOT NULL,
    orphaned_nanousd BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    PRIMARY KEY (quarter_ms, dimension_id)
) WITH (fillfactor = 80);
CREATE TABLE usage_days (
    dimension_id BIGINT NOT NULL,
    day_ms BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    cache_write_1h_tokens BIGINT NOT NULL,
    audio_input_tokens BIGINT NOT NULL,
    image_input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    audio_output_tokens BIGINT NOT NULL,
    charge_nanousd BIGINT NOT NULL,
    estimated_nanousd BIGINT NOT NULL,
    orphaned_nanousd BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    PRIMARY KEY (dimension_id, day_ms)
) WITH (fillfactor = 80);
CREATE INDEX usage_days_by_day ON usage_days (day_ms);
CREATE TABLE usage_totals (
    dimension_id BIGINT PRIMARY KEY NOT NULL,
    charge_nanousd BIGINT NOT NULL
) WITH (fillfactor = 80);

-- Partitions of requests and attempts are days of UTC, made by whoever needs them first.
-- One row for each request; its dimension is that of the attempt that answered.
CREATE TABLE requests (
    id TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    dimension_id BIGINT NOT NULL,
    asked_model TEXT NOT NULL,
    stream BOOLEAN NOT NULL,
    code TEXT,
    duration_ms BIGINT NOT NULL,
    overhead_us BIGINT NOT NULL,
    first_byte_ms BIGINT,
    fallbacks BIGINT NOT NULL,
    call_id TEXT,
    attempts BIGINT NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    charge_nanousd BIGINT NOT NULL
) PARTITION BY RANGE (at_ms);
CREATE INDEX requests_by_id ON requests (id);
CREATE INDEX requests_by_call ON requests (call_id) WHERE call_id IS NOT NULL;

-- One row for each attempt. No unique index: the strand's position, which is taken in the same
-- transaction, sees to it that each comes once. Rare kinds of tokens are null when there are none.
CREATE TABLE attempts (
    request_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    reserved_at_ms BIGINT NOT NULL,
    dimension_id BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    status BIGINT,
    duration_ms BIGINT NOT NULL,
    first_byte_ms BIGINT,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT,
    cache_write_tokens BIGINT,
    cache_write_1h_tokens BIGINT,
    audio_input_tokens BIGINT,
    image_input_tokens BIGINT,
    reasoning_tokens BIGINT,
    audio_output_tokens BIGINT,
    service_tier TEXT,
    estimated BOOLEAN NOT NULL,
    charge_nanousd BIGINT NOT NULL,
    priced BOOLEAN NOT NULL,
    held_nanousd BIGINT NOT NULL
) PARTITION BY RANGE (reserved_at_ms);
CREATE INDEX attempts_by_request ON attempts (request_id);
CREATE INDEX attempts_by_time ON attempts USING brin (reserved_at_ms);
CREATE INDEX attempts_orphaned ON attempts (request_id, number) WHERE outcome = 'orphaned';

-- Figures that were changed afterwards, as they were and as they became.
CREATE TABLE attempt_corrections (
    request_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    old_nanousd BIGINT NOT NULL,
    new_nanousd BIGINT NOT NULL,
    PRIMARY KEY (request_id, number, revision)
);

-- One row for each running process.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY NOT NULL,
    seen_at_ms BIGINT NOT NULL,
    role TEXT NOT NULL,
    revision BIGINT NOT NULL,
    file_digest TEXT NOT NULL,
    shipped_to_ms BIGINT NOT NULL
);
