//! The tables, alike in Postgres and SQLite: text, bigint and boolean; times in milliseconds.

diesel::table! {
    adjustments (id) {
        id -> Text,
        scope_kind -> Text,
        scope_id -> Text,
        amount_nanousd -> BigInt,
        kind -> Text,
        reason -> Text,
        actor -> Text,
        at_ms -> BigInt,
        model -> Nullable<Text>,
        budget_window -> Nullable<Text>,
        revision -> BigInt,
    }
}

diesel::table! {
    alert_deliveries (id) {
        id -> Text,
        alert_id -> Text,
        target -> Text,
        state -> Text,
        attempts -> BigInt,
        next_attempt_at_ms -> BigInt,
        last_error -> Nullable<Text>,
        ended_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    alert_targets (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        name -> Text,
        kind -> Text,
        monthly -> Bool,
        of_platform -> Bool,
        info -> Text,
        sealed_settings -> Text,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    alerts (id) {
        id -> Text,
        occasion -> Text,
        organization_id -> Nullable<Text>,
        team_id -> Nullable<Text>,
        body -> Text,
        created_at_ms -> BigInt,
        window_ends_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_entries (sequence) {
        sequence -> BigInt,
        at_ms -> BigInt,
        organization_id -> Nullable<Text>,
        team_id -> Nullable<Text>,
        actor_kind -> Text,
        actor_id -> Text,
        address -> Nullable<Text>,
        session_id -> Nullable<Text>,
        on_behalf_of -> Nullable<Text>,
        request_id -> Nullable<Text>,
        action -> Text,
        object_kind -> Text,
        object_id -> Text,
        before_value -> Nullable<Text>,
        after_value -> Nullable<Text>,
        reason -> Nullable<Text>,
        mac -> Text,
    }
}

diesel::table! {
    blocks (object_id) {
        object_id -> Text,
        level -> Text,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    budgets (id) {
        id -> Text,
        organization_id -> Text,
        external_id -> Nullable<Text>,
        policy -> Text,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    changes (revision, kind, object_id) {
        revision -> BigInt,
        kind -> Text,
        object_id -> Text,
    }
}

diesel::table! {
    credentials (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        name -> Text,
        info -> Text,
        sealed_values -> Text,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    deleted_keys (id) {
        id -> Text,
        organization_id -> Text,
        team_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        environment -> Nullable<Text>,
        alias -> Nullable<Text>,
        last_four -> Text,
        virtual_key -> Nullable<Text>,
        secrets -> Nullable<Text>,
        block_level -> Nullable<Text>,
        block_reason -> Nullable<Text>,
        level -> Text,
        deleted_at_ms -> BigInt,
        deleted_by -> Text,
    }
}

diesel::table! {
    deployments (id) {
        id -> Text,
        organization_id -> Nullable<Text>,
        model_name -> Text,
        params -> Text,
        sealed_params -> Nullable<Text>,
        info -> Text,
        blocked -> Bool,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    end_users (id) {
        id -> Text,
        organization_id -> Text,
        external_id -> Text,
        name -> Nullable<Text>,
        policy -> Text,
        blocked -> Bool,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    head (id) {
        id -> BigInt,
        revision -> BigInt,
        audit_sequence -> BigInt,
        audit_mac -> Text,
        encryption_key_id -> Text,
    }
}

diesel::table! {
    idempotency_keys (actor, idempotency_key) {
        actor -> Text,
        idempotency_key -> Text,
        request_digest -> Text,
        status -> BigInt,
        sealed_body -> Text,
        at_ms -> BigInt,
    }
}

diesel::table! {
    key_activity (key_id) {
        key_id -> Text,
        last_used_at_ms -> BigInt,
        spent_nanousd -> BigInt,
    }
}

diesel::table! {
    key_secrets (hash) {
        hash -> Text,
        key_id -> Text,
        last_four -> Text,
        created_at_ms -> BigInt,
        ends_at_ms -> Nullable<BigInt>,
        uses -> BigInt,
        last_used_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    members (organization_id, team_id, user_id) {
        organization_id -> Text,
        team_id -> Text,
        user_id -> Text,
        role -> Text,
        policy -> Text,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    organizations (id) {
        id -> Text,
        external_id -> Nullable<Text>,
        name -> Text,
        time_zone -> Text,
        policy -> Text,
        blocked -> Bool,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    projects (id) {
        id -> Text,
        organization_id -> Text,
        team_id -> Text,
        name -> Text,
        policy -> Text,
        blocked -> Bool,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    service_accounts (id) {
        id -> Text,
        organization_id -> Text,
        team_id -> Text,
        name -> Text,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        hash -> Text,
        user_id -> Nullable<Text>,
        csrf_hash -> Text,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        created_at_ms -> BigInt,
        last_seen_at_ms -> BigInt,
        expires_at_ms -> BigInt,
        platform_role -> Nullable<Text>,
    }
}

diesel::table! {
    setup_tokens (hash) {
        hash -> Text,
        expires_at_ms -> BigInt,
    }
}

diesel::table! {
    sign_in_failures (account, network) {
        account -> Text,
        network -> Text,
        failures -> BigInt,
        last_at_ms -> BigInt,
    }
}

diesel::table! {
    tags (id) {
        id -> Text,
        organization_id -> Text,
        name -> Text,
        description -> Nullable<Text>,
        policy -> Text,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    teams (id) {
        id -> Text,
        organization_id -> Text,
        external_id -> Nullable<Text>,
        name -> Text,
        policy -> Text,
        member_policy -> Text,
        blocked -> Bool,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    templates (id) {
        id -> Text,
        organization_id -> Text,
        environment -> Nullable<Text>,
        name -> Text,
        defaults -> Text,
        default_lifetime -> Nullable<Text>,
        caps -> Text,
        longest_lifetime -> Nullable<Text>,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        external_id -> Nullable<Text>,
        email -> Nullable<Text>,
        name -> Nullable<Text>,
        platform_role -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        policy -> Text,
        blocked -> Bool,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
        last_seen_at_ms -> Nullable<BigInt>,
    }
}

diesel::table! {
    virtual_keys (id) {
        id -> Text,
        organization_id -> Text,
        team_id -> Nullable<Text>,
        project_id -> Nullable<Text>,
        user_id -> Nullable<Text>,
        service_account_id -> Nullable<Text>,
        alias -> Nullable<Text>,
        environment -> Nullable<Text>,
        hash -> Text,
        last_four -> Text,
        policy -> Text,
        #[sql_name = "expires_at_ms"]
        expires_at -> Nullable<BigInt>,
        blocked -> Bool,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
        /// Whether its policy has some: for lists of those.
        has_budgets -> Bool,
    }
}

pub use crate::schema_sign_in::{
    identities, identity_keys, invitations, provided_roles, returned_sign_ins,
};

diesel::allow_tables_to_appear_in_same_query!(members, teams, users);
diesel::allow_tables_to_appear_in_same_query!(key_activity, key_secrets, virtual_keys);
