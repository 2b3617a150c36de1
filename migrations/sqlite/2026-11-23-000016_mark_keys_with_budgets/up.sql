-- Whether a key has budgets of its own, so that a list of those reads no policies. Of keys that are there
-- the text of their policy says it: metadata of the same form is seen through when the key is next written.
ALTER TABLE virtual_keys ADD COLUMN has_budgets BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE virtual_keys SET has_budgets = TRUE WHERE policy LIKE '%"budgets":[{%';
CREATE INDEX virtual_keys_with_budgets ON virtual_keys (organization_id, id) WHERE has_budgets;
