DROP TABLE usage_weeks;
