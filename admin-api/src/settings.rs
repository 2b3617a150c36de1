//! What the admin side is told by the configuration.

use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use domain::keys::Secret;
use domain::routing::RoutingTable;
use domain::sealed::KeyRing;
use domain::templates::Template;

/// Settings of the admin side.
pub struct Settings {
    /// The key with which everything may be done; none closes the management routes to all but
    /// people who are signed in.
    pub master_key: Option<Secret>,
    /// Whether that key is short or published, and so passes from this machine only.
    pub master_key_is_weak: bool,
    /// Where our own socket says callers are: true behind the data plane, whose word is taken.
    pub peer_from_header: bool,
    /// With what provider credentials are encrypted.
    pub encryption: KeyRing,
    /// Models and settings of the file, as of its last reload: read-only here.
    pub file: Arc<ArcSwap<FileModels>>,
    /// The address that people open, for links and for checking where a form came from.
    pub public_url: Option<String>,
    /// The file with the anchors of the audit trail, where there is one.
    pub anchor_file: Option<PathBuf>,
    /// What keys of every organization get, and the most they may have, beside the organization's
    /// own template: LiteLLM's `default_key_generate_params` and `upperbound_key_generate_params`.
    pub key_template: Option<Template>,
}

/// What the configuration file says of models.
#[derive(Clone, Default)]
pub struct FileModels {
    /// The file's deployments, aliases, router settings.
    pub table: RoutingTable,
}
