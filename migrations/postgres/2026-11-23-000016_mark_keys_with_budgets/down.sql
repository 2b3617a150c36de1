DROP INDEX virtual_keys_with_budgets;
ALTER TABLE virtual_keys DROP COLUMN has_budgets;
