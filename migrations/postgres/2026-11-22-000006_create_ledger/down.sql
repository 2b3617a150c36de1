DROP TABLE nodes, attempt_corrections, attempts, requests, usage_totals, usage_days, usage_quarters,
    usage_names, usage_zones, usage_dimension_tags, usage_dimensions, strands;
DROP SEQUENCE usage_dimension_ids;
DROP INDEX adjustments_by_revision;
ALTER TABLE adjustments DROP COLUMN revision, DROP COLUMN budget_window, DROP COLUMN model;
