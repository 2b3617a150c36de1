-- LiteLLM's tables that the import reads, with the columns and types of its database in 2026.

CREATE TABLE "LiteLLM_OrganizationTable" (
    "organization_id" TEXT NOT NULL DEFAULT '',
    "organization_alias" TEXT NOT NULL DEFAULT '',
    "budget_id" TEXT NOT NULL DEFAULT '',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "models" TEXT[] NOT NULL DEFAULT '{}',
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "model_spend" JSONB NOT NULL DEFAULT '{}',
    "object_permission_id" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL DEFAULT ''
);

CREATE TABLE "LiteLLM_BudgetTable" (
    "budget_id" TEXT NOT NULL DEFAULT '',
    "max_budget" DOUBLE PRECISION,
    "soft_budget" DOUBLE PRECISION,
    "max_parallel_requests" INTEGER,
    "tpm_limit" BIGINT,
    "rpm_limit" BIGINT,
    "tpd_limit" BIGINT,
    "model_max_budget" JSONB,
    "budget_duration" TEXT,
    "budget_reset_at" TIMESTAMP(3),
    "allowed_models" TEXT[] NOT NULL DEFAULT '{}',
    "temp_budget_increase" DOUBLE PRECISION,
    "temp_budget_expiry" TIMESTAMP(3),
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL DEFAULT ''
);

CREATE TABLE "LiteLLM_TeamTable" (
    "team_id" TEXT NOT NULL DEFAULT '',
    "team_alias" TEXT,
    "organization_id" TEXT,
    "object_permission_id" TEXT,
    "admins" TEXT[] NOT NULL DEFAULT '{}',
    "members" TEXT[] NOT NULL DEFAULT '{}',
    "members_with_roles" JSONB NOT NULL DEFAULT '{}',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "max_budget" DOUBLE PRECISION,
    "soft_budget" DOUBLE PRECISION,
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "models" TEXT[] NOT NULL DEFAULT '{}',
    "max_parallel_requests" INTEGER,
    "tpm_limit" BIGINT,
    "rpm_limit" BIGINT,
    "tpd_limit" BIGINT,
    "budget_duration" TEXT,
    "budget_reset_at" TIMESTAMP(3),
    "blocked" BOOLEAN NOT NULL DEFAULT FALSE,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "model_spend" JSONB NOT NULL DEFAULT '{}',
    "model_max_budget" JSONB NOT NULL DEFAULT '{}',
    "router_settings" JSONB,
    "team_member_permissions" TEXT[] NOT NULL DEFAULT '{}',
    "access_group_ids" TEXT[] NOT NULL DEFAULT '{}',
    "policies" TEXT[] NOT NULL DEFAULT '{}',
    "default_team_member_models" TEXT[] NOT NULL DEFAULT '{}',
    "budget_limits" JSONB,
    "model_id" INTEGER,
    "allow_team_guardrail_config" BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE "LiteLLM_ModelTable" (
    "id" INTEGER NOT NULL DEFAULT 0,
    "model_aliases" JSONB,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL DEFAULT ''
);

CREATE TABLE "LiteLLM_ProjectTable" (
    "project_id" TEXT NOT NULL DEFAULT '',
    "project_alias" TEXT,
    "description" TEXT,
    "team_id" TEXT,
    "budget_id" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "models" TEXT[] NOT NULL DEFAULT '{}',
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "model_spend" JSONB NOT NULL DEFAULT '{}',
    "model_rpm_limit" JSONB NOT NULL DEFAULT '{}',
    "model_tpm_limit" JSONB NOT NULL DEFAULT '{}',
    "blocked" BOOLEAN NOT NULL DEFAULT FALSE,
    "object_permission_id" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL DEFAULT ''
);

CREATE TABLE "LiteLLM_UserTable" (
    "user_id" TEXT NOT NULL DEFAULT '',
    "user_alias" TEXT,
    "team_id" TEXT,
    "sso_user_id" TEXT,
    "organization_id" TEXT,
    "object_permission_id" TEXT,
    "password" TEXT,
    "password_reset_required" BOOLEAN,
    "last_breach_check_at" TIMESTAMP(3),
    "teams" TEXT[] NOT NULL DEFAULT '{}',
    "user_role" TEXT,
    "max_budget" DOUBLE PRECISION,
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "user_email" TEXT,
    "models" TEXT[] NOT NULL DEFAULT '{}',
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "max_parallel_requests" INTEGER,
    "tpm_limit" BIGINT,
    "rpm_limit" BIGINT,
    "budget_duration" TEXT,
    "budget_reset_at" TIMESTAMP(3),
    "allowed_cache_controls" TEXT[] NOT NULL DEFAULT '{}',
    "policies" TEXT[] NOT NULL DEFAULT '{}',
    "model_spend" JSONB NOT NULL DEFAULT '{}',
    "model_max_budget" JSONB NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMP(3),
    "updated_at" TIMESTAMP(3)
);

CREATE TABLE "LiteLLM_EndUserTable" (
    "user_id" TEXT NOT NULL DEFAULT '',
    "alias" TEXT,
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "allowed_model_region" TEXT,
    "default_model" TEXT,
    "models" TEXT[] NOT NULL DEFAULT '{}',
    "budget_id" TEXT,
    "object_permission_id" TEXT,
    "blocked" BOOLEAN NOT NULL DEFAULT FALSE
);

CREATE TABLE "LiteLLM_TagTable" (
    "tag_name" TEXT NOT NULL DEFAULT '',
    "description" TEXT,
    "models" TEXT[] NOT NULL DEFAULT '{}',
    "model_info" JSONB,
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "budget_id" TEXT,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT,
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE "LiteLLM_CredentialsTable" (
    "credential_id" TEXT NOT NULL DEFAULT '',
    "credential_name" TEXT NOT NULL DEFAULT '',
    "display_name" TEXT,
    "credential_values" JSONB NOT NULL DEFAULT '{}',
    "credential_info" JSONB,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL DEFAULT ''
);

CREATE TABLE "LiteLLM_ProxyModelTable" (
    "model_id" TEXT NOT NULL DEFAULT '',
    "model_name" TEXT NOT NULL DEFAULT '',
    "litellm_params" JSONB NOT NULL DEFAULT '{}',
    "model_info" JSONB,
    "blocked" BOOLEAN NOT NULL DEFAULT FALSE,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT NOT NULL DEFAULT '',
    "updated_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_by" TEXT NOT NULL DEFAULT ''
);

CREATE TABLE "LiteLLM_OrganizationMembership" (
    "user_id" TEXT NOT NULL DEFAULT '',
    "organization_id" TEXT NOT NULL DEFAULT '',
    "user_role" TEXT,
    "spend" DOUBLE PRECISION,
    "budget_id" TEXT,
    "created_at" TIMESTAMP(3),
    "updated_at" TIMESTAMP(3)
);

CREATE TABLE "LiteLLM_TeamMembership" (
    "user_id" TEXT NOT NULL DEFAULT '',
    "team_id" TEXT NOT NULL DEFAULT '',
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "total_spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "budget_id" TEXT
);

CREATE TABLE "LiteLLM_VerificationToken" (
    "token" TEXT NOT NULL DEFAULT '',
    "key_name" TEXT,
    "key_alias" TEXT,
    "soft_budget_cooldown" BOOLEAN NOT NULL DEFAULT FALSE,
    "spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "total_spend" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "expires" TIMESTAMP(3),
    "models" TEXT[] NOT NULL DEFAULT '{}',
    "aliases" JSONB NOT NULL DEFAULT '{}',
    "config" JSONB NOT NULL DEFAULT '{}',
    "router_settings" JSONB,
    "user_id" TEXT,
    "team_id" TEXT,
    "agent_id" TEXT,
    "project_id" TEXT,
    "permissions" JSONB NOT NULL DEFAULT '{}',
    "max_parallel_requests" INTEGER,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "blocked" BOOLEAN,
    "tpm_limit" BIGINT,
    "rpm_limit" BIGINT,
    "tpd_limit" BIGINT,
    "max_budget" DOUBLE PRECISION,
    "budget_duration" TEXT,
    "budget_reset_at" TIMESTAMP(3),
    "allowed_cache_controls" TEXT[] NOT NULL DEFAULT '{}',
    "allowed_routes" TEXT[] NOT NULL DEFAULT '{}',
    "key_type" TEXT,
    "policies" TEXT[] NOT NULL DEFAULT '{}',
    "access_group_ids" TEXT[] NOT NULL DEFAULT '{}',
    "model_spend" JSONB NOT NULL DEFAULT '{}',
    "model_max_budget" JSONB NOT NULL DEFAULT '{}',
    "budget_fallbacks" JSONB NOT NULL DEFAULT '{}',
    "budget_id" TEXT,
    "organization_id" TEXT,
    "object_permission_id" TEXT,
    "created_at" TIMESTAMP(3),
    "created_by" TEXT,
    "updated_at" TIMESTAMP(3),
    "updated_by" TEXT,
    "settings_updated_at" TIMESTAMP(3),
    "last_active" TIMESTAMP(3),
    "rotation_count" INTEGER,
    "auto_rotate" BOOLEAN,
    "rotation_interval" TEXT,
    "last_rotation_at" TIMESTAMP(3),
    "key_rotation_at" TIMESTAMP(3),
    "budget_limits" JSONB
);

CREATE TABLE "LiteLLM_DeprecatedVerificationToken" (
    "id" TEXT NOT NULL DEFAULT '',
    "token" TEXT NOT NULL DEFAULT '',
    "active_token_id" TEXT NOT NULL DEFAULT '',
    "revoke_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
);
