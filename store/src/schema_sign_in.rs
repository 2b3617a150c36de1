//! Tables of how people come in: identities, roles of providers, their keys, invitations.

diesel::table! {
    identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Text,
        created_at_ms -> BigInt,
        last_used_at_ms -> BigInt,
    }
}

diesel::table! {
    provided_roles (user_id, issuer, organization_id, team_id) {
        user_id -> Text,
        issuer -> Text,
        organization_id -> Text,
        team_id -> Text,
        role -> Text,
    }
}

diesel::table! {
    returned_sign_ins (hash) {
        hash -> Text,
        expires_at_ms -> BigInt,
    }
}

diesel::table! {
    identity_keys (url) {
        url -> Text,
        document -> Text,
        fetched_at_ms -> BigInt,
        wanted_at_ms -> BigInt,
    }
}

diesel::table! {
    invitations (id) {
        id -> Text,
        hash -> Text,
        purpose -> Text,
        email -> Nullable<Text>,
        user_id -> Nullable<Text>,
        organization_id -> Nullable<Text>,
        team_id -> Nullable<Text>,
        role -> Nullable<Text>,
        platform_role -> Nullable<Text>,
        #[sql_name = "expires_at_ms"]
        expires_at -> BigInt,
        #[sql_name = "accepted_at_ms"]
        accepted_at -> Nullable<BigInt>,
        #[sql_name = "revoked_at_ms"]
        revoked_at -> Nullable<BigInt>,
        created_at_ms -> BigInt,
        created_by -> Text,
        updated_at_ms -> BigInt,
        updated_by -> Text,
    }
}
