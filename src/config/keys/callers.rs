//! `general_settings.litellm_jwtauth` and `headgate.jwt_issuers`: signed tokens of callers of models.

use super::{Key, Shape, honoured, not_yet};

/// `general_settings.litellm_jwtauth`.
pub const JWT_AUTH: &[Key] = &[
    honoured(
        "team_id_jwt_field",
        Shape::Text,
        "the claim with the team's id",
    ),
    honoured(
        "team_ids_jwt_field",
        Shape::Text,
        "the claim with ids of teams; the first that is known and not blocked counts",
    ),
    honoured(
        "team_id_default",
        Shape::Text,
        "the team of callers whose token names none",
    ),
    honoured(
        "user_id_jwt_field",
        Shape::Text,
        "the claim with the person's id; else they are known by having signed in with the same issuer and subject, or by their verified address",
    ),
    honoured(
        "user_email_jwt_field",
        Shape::Text,
        "the claim with the person's address (email, where email_verified is true)",
    ),
    honoured(
        "org_id_jwt_field",
        Shape::Text,
        "the claim with the organization's id",
    ),
    honoured(
        "user_id_upsert",
        Shape::Boolean,
        "whether somebody who is not known here is let in on the account of the team or the organization (false); no person is made",
    ),
    honoured(
        "user_allowed_email_domain",
        Shape::Text,
        "the domain that the address has to be of",
    ),
    honoured("user_roles_jwt_field", Shape::Text, "the claim with roles"),
    honoured(
        "user_allowed_roles",
        Shape::List,
        "roles of which the token has to name one",
    ),
    honoured(
        "team_allowed_routes",
        Shape::List,
        "what callers may call ([llm_api_routes, info_routes])",
    ),
    honoured(
        "public_key_ttl",
        Shape::Number,
        "seconds after which keys are fetched anew (600)",
    ),
    not_yet(
        "admin_jwt_scope",
        Shape::Text,
        "management routes take keys and sessions",
    ),
    not_yet("admin_allowed_routes", Shape::List, ""),
    not_yet("end_user_id_jwt_field", Shape::Text, ""),
    not_yet("team_id_upsert", Shape::Boolean, ""),
    not_yet("team_alias_jwt_field", Shape::Text, ""),
    not_yet("upsert_sso_user_to_team", Shape::Boolean, ""),
    not_yet("public_allowed_routes", Shape::List, ""),
    not_yet("enforce_rbac", Shape::Boolean, ""),
    not_yet("roles_jwt_field", Shape::Text, ""),
    not_yet("role_mappings", Shape::List, ""),
    not_yet("object_id_jwt_field", Shape::Text, ""),
    not_yet("scope_mappings", Shape::List, ""),
    not_yet("enforce_scope_based_access", Shape::Boolean, ""),
    not_yet("enforce_team_based_model_access", Shape::Boolean, ""),
    not_yet("custom_validate", Shape::Any, ""),
    not_yet("sync_user_role_and_teams", Shape::Boolean, ""),
    not_yet("jwt_litellm_role_map", Shape::List, ""),
    not_yet("virtual_key_claim_field", Shape::Text, ""),
];

/// An entry of `headgate.jwt_issuers`.
pub const ISSUER: &[Key] = &[
    honoured(
        "issuer",
        Shape::Text,
        "who makes the tokens, as they name it (`iss`)",
    ),
    honoured(
        "audiences",
        Shape::List,
        "for whom they have to be: one of these (`aud`)",
    ),
    honoured(
        "keys_url",
        Shape::Text,
        "where the issuer's keys are (as its discovery document says)",
    ),
];
