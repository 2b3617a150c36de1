-- Rows as LiteLLM writes them.

INSERT INTO "LiteLLM_BudgetTable" (budget_id, max_budget, budget_duration, tpm_limit) VALUES
    ('budget-of-acme', 1000, '30d', 100000),
    ('shared', 25.5, '7d', NULL),
    ('of-ben-in-core', 5, '1d', NULL),
    ('of-nobody', 1, NULL, NULL);

INSERT INTO "LiteLLM_OrganizationTable" (organization_id, organization_alias, budget_id, spend) VALUES
    ('acme', 'Acme', 'budget-of-acme', 12.345678901);

INSERT INTO "LiteLLM_TeamTable"
    (team_id, team_alias, organization_id, models, max_budget, budget_duration, spend, members_with_roles, metadata) VALUES
    ('core', 'Core', 'acme', '{gpt-4o}', 100, '30d', 0.1::float8 + 0.2::float8,
     '[{"role": "admin", "user_id": "anna", "user_email": null}, {"role": "user", "user_id": "ben"}]',
     '{"cost_center": 42}');

INSERT INTO "LiteLLM_UserTable" (user_id, user_email, user_role, password, teams, spend) VALUES
    ('anna', 'Anna@Example.com', 'internal_user', 'scrypt:16384:8:1$x$y', '{core}', 1.25),
    ('ben', NULL, 'internal_user_viewer', NULL, '{core}', 0),
    ('default_user_id', NULL, 'proxy_admin', NULL, '{}', 0);

INSERT INTO "LiteLLM_TeamMembership" (user_id, team_id, spend, budget_id) VALUES
    ('ben', 'core', 0.25, 'of-ben-in-core');

INSERT INTO "LiteLLM_VerificationToken"
    (token, key_name, key_alias, team_id, user_id, spend, max_budget, budget_duration, rpm_limit, metadata, created_at, blocked, expires, budget_id) VALUES
    (encode(sha256('sk-app-of-the-core-team-1'), 'hex'), 'sk-...am-1', 'app', 'core', 'anna', 1.25, 10.1, '30d', 100,
     '{"tags": ["prod"], "model_rpm_limit": {"gpt-4o": 50}, "note": "x"}', '2025-03-01 10:00:00', NULL, NULL, NULL),
    (encode(sha256('sk-blocked-long-ago-0001'), 'hex'), 'sk-...0001', 'blocked', 'core', 'ben', 0, NULL, NULL, NULL, '{}', now(), TRUE, NULL, NULL),
    (encode(sha256('sk-expired-long-ago-0001'), 'hex'), 'sk-...0001', 'expired', 'core', 'ben', 0, NULL, NULL, NULL, '{}', now(), NULL, '2024-01-01 00:00:00', NULL),
    (encode(sha256('sk-rotated-yesterday-new'), 'hex'), 'sk-...-new', NULL, 'core', NULL, 0, NULL, NULL, NULL, '{}', now(), FALSE, NULL, 'shared'),
    (encode(sha256('sk-of-a-team-that-is-gone'), 'hex'), 'sk-...gone', NULL, 'gone', NULL, 0, NULL, NULL, NULL, '{}', now(), NULL, NULL, NULL),
    (encode(sha256('sk-of-nobody-in-default'), 'hex'), 'sk-...ault', 'app', NULL, 'default_user_id', 0.000000001, NULL, NULL, NULL, '{}', now(), NULL, NULL, NULL),
    (encode(sha256('sk-console-session-00001'), 'hex'), 'sk-...0001', NULL, 'litellm-dashboard', 'default_user_id', 0, 0.25, NULL, NULL, '{}', now(), NULL, NULL, NULL);

INSERT INTO "LiteLLM_DeprecatedVerificationToken" (id, token, active_token_id, revoke_at) VALUES
    ('1', encode(sha256('sk-rotated-yesterday-old'), 'hex'), encode(sha256('sk-rotated-yesterday-new'), 'hex'), now() + interval '1 day'),
    ('2', encode(sha256('sk-rotated-last-year'), 'hex'), encode(sha256('sk-rotated-yesterday-new'), 'hex'), now() - interval '1 year');

INSERT INTO "LiteLLM_EndUserTable" (user_id, alias, spend, budget_id, blocked) VALUES
    ('customer-1', 'Customer', 0.5, 'shared', FALSE);

INSERT INTO "LiteLLM_TagTable" (tag_name, description, spend, budget_id) VALUES
    ('prod', 'Production', 2, 'shared');

-- The values were encrypted by LiteLLM with the salt key of the test.
INSERT INTO "LiteLLM_CredentialsTable" (credential_id, credential_name, credential_values, credential_info) VALUES
    ('c-1', 'imported',
     '{"api_key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXzVk2CLAow6f_H5FiJgBu6celL0DFuouHq4LnpBezRQLPUl6FhoR-5lxGz3yN_BQ="}',
     '{"custom_llm_provider": "openai"}');

INSERT INTO "LiteLLM_ProxyModelTable" (model_id, model_name, litellm_params, model_info) VALUES
    ('m-1', 'imported-model',
     '{"model": "v2:gcm:AwMDAwMDAwMDAwMDY1SQXndUqVzqty2BT4RxXixgrvaWcWWDXoW_Q0s=", "api_base": "v2:gcm:AgICAgICAgICAgIC4WSyykvbtv8togJT0V3S3ejMErq0KqaaleZS7wk5hBRKW3t9fcceeA==", "api_key": "v2:gcm:AQEBAQEBAQEBAQEBZg5ZNlS-pETISwzDAMCJyRKIdmJmam5HGDYpf9ExLZd64wLDixqXAktzv4O8xxlv_xBvlg==", "rpm": 100}',
     '{"id": "m-1", "db_model": true}'),
    ('m-2', 'of-a-team', '{"model": "openai/gpt-4o"}', '{"id": "m-2", "team_id": "core"}');
