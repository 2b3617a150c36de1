-- What is used, added up by seven days as well: a month of 10,000 keys is half a million days and a tenth of
-- that in weeks. A week is seven days of UTC from the epoch, and holds the days that begin in it.
CREATE TABLE usage_weeks (
    week_ms BIGINT NOT NULL,
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
    PRIMARY KEY (week_ms, dimension_id)
);
INSERT INTO usage_weeks (week_ms, dimension_id, requests, failures, attempts, input_tokens, cache_read_tokens, cache_write_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, charge_nanousd, estimated_nanousd, orphaned_nanousd, duration_ms)
SELECT day_ms - day_ms % 604800000, dimension_id, CAST(SUM(requests) AS BIGINT), CAST(SUM(failures) AS BIGINT), CAST(SUM(attempts) AS BIGINT), CAST(SUM(input_tokens) AS BIGINT), CAST(SUM(cache_read_tokens) AS BIGINT), CAST(SUM(cache_write_tokens) AS BIGINT), CAST(SUM(cache_write_1h_tokens) AS BIGINT), CAST(SUM(audio_input_tokens) AS BIGINT), CAST(SUM(image_input_tokens) AS BIGINT), CAST(SUM(output_tokens) AS BIGINT), CAST(SUM(reasoning_tokens) AS BIGINT), CAST(SUM(audio_output_tokens) AS BIGINT), CAST(SUM(charge_nanousd) AS BIGINT), CAST(SUM(estimated_nanousd) AS BIGINT), CAST(SUM(orphaned_nanousd) AS BIGINT), CAST(SUM(duration_ms) AS BIGINT)
FROM usage_days GROUP BY 1, 2 ORDER BY 1, 2;
