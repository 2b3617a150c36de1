DROP TABLE team_days;
DROP TABLE team_quarters;
ALTER TABLE usage_dimensions DROP COLUMN team_dimension_id;
DROP TABLE team_dimensions;
DROP SEQUENCE team_dimension_ids;
