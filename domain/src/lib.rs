//! The words of the gateway, shared by every crate; imports nothing of ours.
//!
//! | module | words |
//! |---|---|
//! | [`ids`], [`time`], [`stamps`] | ids that sort; the clock; who made a thing and when |
//! | [`money`], [`decimal`], [`usage`], [`prices`] | nano-dollars; what a provider counted; what a unit costs |
//! | [`keys`], [`sealed`], [`passwords`] | secrets that cannot be printed; encrypted ones; people's |
//! | [`lifetimes`], [`windows`], [`addresses`] | `30d` as an end, as a window; from and to where |
//! | [`spans`], [`hex`], [`randomness`], [`macs`] | what these are made of |
//! | [`organizations`], [`teams`], [`projects`], [`users`], [`members`], [`service_accounts`] | the tree |
//! | [`virtual_keys`], [`deleted_keys`], [`templates`], [`end_users`], [`tags`] | what hangs on it |
//! | [`policies`], [`budgets`], [`spend`], [`alerts`] | what a level allows; what is spent; who is told |
//! | [`permissions`], [`blocks`], [`routes`], [`actors`], [`sessions`], [`audit`] | who may, who may not undo it, and by which paths; who acts, who is signed in, who did |
//! | [`invitations`] | links with which people come in |
//! | [`identity`] | whom an identity provider vouches for: its keys, its tokens, what they claim |
//! | [`routing`], [`deployments`], [`credentials`] | where requests may go |
//! | [`ledger`] | settled requests on their way into the store, and sums of spend |
//! | [`exposition`] | the text that Prometheus reads |
//! | [`standing`] | what is above a key, and the policies that hold together |
//! | [`directory`] | what the data plane knows of all this, and how it asks |

pub mod actors;
pub mod addresses;
pub mod alerts;
pub mod audit;
pub mod blocks;
pub mod budgets;
pub mod credentials;
pub mod decimal;
pub mod deleted_keys;
pub mod deployments;
pub mod directory;
pub mod end_users;
pub mod exposition;
pub mod hex;
pub mod identity;
pub mod ids;
pub mod invitations;
pub mod keys;
pub mod ledger;
pub mod lifetimes;
pub mod macs;
pub mod members;
pub mod money;
pub mod organizations;
pub mod passwords;
pub mod permissions;
pub mod policies;
pub mod prices;
pub mod projects;
pub mod randomness;
pub mod revocations;
pub mod routes;
pub mod routing;
pub mod sealed;
pub mod service_accounts;
pub mod sessions;
pub mod spans;
pub mod spend;
pub mod stamps;
pub mod standing;
pub mod tags;
pub mod teams;
pub mod templates;
pub mod time;
pub mod usage;
pub mod users;
pub mod virtual_keys;
pub mod windows;
