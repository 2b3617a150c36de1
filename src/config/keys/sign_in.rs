//! `headgate.sign_in`: how people sign in to the console; its providers and their rules.

use super::{Key, Shape, honoured};

/// `headgate.sign_in`: how people sign in to the console.
pub const KEYS: &[Key] = &[
    honoured(
        "password",
        Shape::Boolean,
        "whether people may sign in with a password (true); the operator may with the master key, always",
    ),
    honoured(
        "providers",
        Shape::List,
        "identity providers that speak OpenID Connect (docs/sign-in.md)",
    ),
];

/// An entry of `headgate.sign_in.providers`.
pub const PROVIDER: &[Key] = &[
    honoured(
        "name",
        Shape::Text,
        "its name in addresses: small letters, digits and dashes; people come back to {public_base_url}/ui/sign-in/{name}/callback",
    ),
    honoured("title", Shape::Text, "its name on the button (the name)"),
    honoured(
        "issuer",
        Shape::Text,
        "who it is, such as https://sso.example/realms/main; its discovery document says the rest",
    ),
    honoured("client_id", Shape::Text, "what it calls this gateway"),
    honoured(
        "client_secret",
        Shape::Text,
        "with what the gateway proves it: os.environ/NAME; none for a public client",
    ),
    honoured(
        "client_secret_file",
        Shape::Text,
        "a file that holds the same",
    ),
    honoured(
        "scopes",
        Shape::List,
        "what is asked for ([openid, profile, email])",
    ),
    honoured(
        "allowed_email_domains",
        Shape::List,
        "only people whose verified address is of one of these (all)",
    ),
    honoured(
        "create_people",
        Shape::Text,
        "who gets an account at the first sign-in: `listed` (of an allowed domain, with a role by a rule, or invited), `everyone`, `nobody` (listed)",
    ),
    honoured(
        "trust_email",
        Shape::Boolean,
        "whether its addresses are taken for the person's own without `email_verified` (false); for directories that an administrator keeps, such as one Entra tenant",
    ),
    honoured(
        "name_claim",
        Shape::Text,
        "the claim with the person's name (name)",
    ),
    honoured(
        "groups_claim",
        Shape::Text,
        "the claim with the person's groups, with dots for the way into it, such as realm_access.roles (groups)",
    ),
    honoured("roles", Shape::List, "which groups get which roles"),
];

/// An entry of `roles`.
pub const ROLE: &[Key] = &[
    honoured(
        "group",
        Shape::Text,
        "who gets it: people of this group; `*` for everybody whom the provider signs in",
    ),
    honoured(
        "role",
        Shape::Text,
        "platform_admin or platform_auditor; organization_admin, member or viewer of an organization; team_admin, member or viewer of a team",
    ),
    honoured(
        "organization",
        Shape::Text,
        "the organization's id (default, where no team is named)",
    ),
    honoured("team", Shape::Text, "the team's id, or its name"),
];
