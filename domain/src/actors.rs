//! Who acts on the admin side, and from where?

use crate::ids::{KeyId, SessionId, UserId};
use crate::permissions::Rights;

/// Who does something, as the audit trail names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// By what right.
    pub kind: ActorKind,
    /// What they may.
    pub rights: Rights,
    /// From where: the caller's address; none for the command line and jobs.
    pub address: Option<String>,
    /// The request, to find it in the logs.
    pub request_id: Option<String>,
    /// Who asked for it, when the operator lets a program say so (`litellm-changed-by`).
    pub on_behalf_of: Option<String>,
}

/// By what right somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// With the master key.
    MasterKey,
    /// A person who is signed in to the console.
    Session(SessionId, UserId),
    /// The operator, who signed in to the console with the master key.
    OperatorSession(SessionId),
    /// With a virtual key, as the person it belongs to.
    Key(KeyId, Option<UserId>),
    /// On the machine's command line.
    CommandLine,
    /// The gateway itself: a job, the first start.
    System,
    /// Nobody who is known: a failed sign-in.
    Anonymous,
}

impl Actor {
    /// The command line.
    #[must_use]
    pub fn command_line() -> Self {
        Self::operator(ActorKind::CommandLine)
    }

    /// The gateway itself.
    #[must_use]
    pub fn system() -> Self {
        Self::operator(ActorKind::System)
    }

    fn operator(kind: ActorKind) -> Self {
        Self {
            kind,
            rights: Rights::of_the_operator(),
            address: None,
            request_id: None,
            on_behalf_of: None,
        }
    }

    /// The word for the kind of actor in the audit trail.
    #[must_use]
    pub const fn kind_word(&self) -> &'static str {
        match self.kind {
            ActorKind::MasterKey => "master_key",
            ActorKind::Session(..) | ActorKind::OperatorSession(_) => "session",
            ActorKind::Key(..) => "key",
            ActorKind::CommandLine => "command_line",
            ActorKind::System => "system",
            ActorKind::Anonymous => "anonymous",
        }
    }

    /// The id in the audit trail and in `created_by`.
    #[must_use]
    pub fn id(&self) -> String {
        match &self.kind {
            ActorKind::Session(_, user) | ActorKind::Key(_, Some(user)) => user.to_string(),
            ActorKind::Key(key, None) => key.to_string(),
            ActorKind::OperatorSession(_) => "master_key".to_owned(),
            _ => self.kind_word().to_owned(),
        }
    }
}
