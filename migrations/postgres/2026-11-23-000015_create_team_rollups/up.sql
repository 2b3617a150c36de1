-- What is used, added up without who of a team used it: no project, key, person, end user or tags. With
-- 10,000 keys these are hundreds of rows a day where those of all payers are tens of thousands, and most
-- reports ask for no more. `digest` is made as that of usage_dimensions; those that were there before
-- have one of their own, and may stand beside another of the same words: sums are by words.
CREATE SEQUENCE team_dimension_ids;
CREATE TABLE team_dimensions (
    id BIGINT PRIMARY KEY DEFAULT nextval('team_dimension_ids'),
    digest TEXT NOT NULL UNIQUE,
    organization_id TEXT NOT NULL,
    team_id TEXT NOT NULL,
    environment TEXT NOT NULL,
    model_group TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    deployment_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    status BIGINT NOT NULL,
    time_zone TEXT NOT NULL
);
INSERT INTO team_dimensions (digest, organization_id, team_id, environment, model_group, provider, model, deployment_id, operation, status, time_zone)
SELECT 'migrated ' || ROW_NUMBER() OVER (), organization_id, team_id, environment, model_group, provider, model, deployment_id, operation, status, time_zone
FROM (SELECT DISTINCT organization_id, team_id, environment, model_group, provider, model, deployment_id, operation, status, time_zone FROM usage_dimensions) AS d;
ALTER TABLE usage_dimensions ADD COLUMN team_dimension_id BIGINT NOT NULL DEFAULT 0;
UPDATE usage_dimensions SET team_dimension_id = (
    SELECT t.id FROM team_dimensions t
    WHERE t.organization_id = usage_dimensions.organization_id AND t.team_id = usage_dimensions.team_id AND t.environment = usage_dimensions.environment AND t.model_group = usage_dimensions.model_group AND t.provider = usage_dimensions.provider AND t.model = usage_dimensions.model AND t.deployment_id = usage_dimensions.deployment_id AND t.operation = usage_dimensions.operation AND t.status = usage_dimensions.status AND t.time_zone = usage_dimensions.time_zone
);

CREATE TABLE team_quarters (
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
);
INSERT INTO team_quarters (quarter_ms, dimension_id, requests, failures, attempts, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, charge_nanousd, estimated_nanousd, orphaned_nanousd, duration_ms)
SELECT q.quarter_ms, d.team_dimension_id, CAST(SUM(q.requests) AS BIGINT), CAST(SUM(q.failures) AS BIGINT), CAST(SUM(q.attempts) AS BIGINT), CAST(SUM(q.input_tokens) AS BIGINT), CAST(SUM(q.cache_read_tokens) AS BIGINT), CAST(SUM(q.cache_write_tokens) AS BIGINT), CAST(SUM(q.cache_write_1h_tokens) AS BIGINT), CAST(SUM(q.audio_input_tokens) AS BIGINT), CAST(SUM(q.image_input_tokens) AS BIGINT), CAST(SUM(q.output_tokens) AS BIGINT), CAST(SUM(q.reasoning_tokens) AS BIGINT), CAST(SUM(q.audio_output_tokens) AS BIGINT), CAST(SUM(q.charge_nanousd) AS BIGINT), CAST(SUM(q.estimated_nanousd) AS BIGINT), CAST(SUM(q.orphaned_nanousd) AS BIGINT), CAST(SUM(q.duration_ms) AS BIGINT)
FROM usage_quarters q JOIN usage_dimensions d ON d.id = q.dimension_id
GROUP BY q.quarter_ms, d.team_dimension_id ORDER BY q.quarter_ms, d.team_dimension_id;

CREATE TABLE team_days (
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
);
INSERT INTO team_days (dimension_id, day_ms, requests, failures, attempts, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, charge_nanousd, estimated_nanousd, orphaned_nanousd, duration_ms)
SELECT d.team_dimension_id, q.day_ms, CAST(SUM(q.requests) AS BIGINT), CAST(SUM(q.failures) AS BIGINT), CAST(SUM(q.attempts) AS BIGINT), CAST(SUM(q.input_tokens) AS BIGINT), CAST(SUM(q.cache_read_tokens) AS BIGINT), CAST(SUM(q.cache_write_tokens) AS BIGINT), CAST(SUM(q.cache_write_1h_tokens) AS BIGINT), CAST(SUM(q.audio_input_tokens) AS BIGINT), CAST(SUM(q.image_input_tokens) AS BIGINT), CAST(SUM(q.output_tokens) AS BIGINT), CAST(SUM(q.reasoning_tokens) AS BIGINT), CAST(SUM(q.audio_output_tokens) AS BIGINT), CAST(SUM(q.charge_nanousd) AS BIGINT), CAST(SUM(q.estimated_nanousd) AS BIGINT), CAST(SUM(q.orphaned_nanousd) AS BIGINT), CAST(SUM(q.duration_ms) AS BIGINT)
FROM usage_days q JOIN usage_dimensions d ON d.id = q.dimension_id
GROUP BY d.team_dimension_id, q.day_ms ORDER BY d.team_dimension_id, q.day_ms;
CREATE INDEX team_days_by_day ON team_days (day_ms);
