//! The proxy. The modules stand in the order in which a request visits them.
//!
//! | step | module | takes -> gives |
//! |---|---|---|
//! | accept | [`server`], [`serve_connection`], [`connection`], [`gathered`], [`refused_head`], [`incoming`], [`incoming_body`] | a socket -> [`incoming::Incoming`] |
//! | the way itself | [`pipeline`], [`attending`], [`catch_panic`], [`endpoints`] | one line per step |
//! | forward | [`forward`] | what is the admin side's -> its answer, as it comes |
//! | authenticate | [`authenticate`] | headers -> [`authenticate::Caller`] |
//! | whose key | [`tenants`] | what a node knows of tenants, and how it follows the store |
//! | read | [`call`] | bytes -> [`call::Call`] |
//! | admit | [`admit`] | caller and call -> [`admit::Admission`] |
//! | route | [`mod@route`] | model -> [`route::Candidates`], best first |
//! | translate | [`mod@translate`] | call -> the provider's words |
//! | send | [`send`] | candidates -> an answer, with retries and fallbacks |
//! | stream | [`reader`], [`stream`], [`outbox`] | the provider's bytes -> the caller's |
//! | meter | [`meter`], [`estimate`] | usage -> charge |
//! | settle | [`settle`], [`mod@journal`], [`settlement_line`], [`request_log`], [`counting`], [`metrics`] | the end, however it comes |

pub mod admit;
pub mod answer;
pub mod attending;
pub mod authenticate;
pub mod body;
pub mod call;
pub mod catch_panic;
pub mod connection;
pub mod cors;
pub mod counters;
pub mod counting;
pub mod endpoints;
pub mod error;
mod error_body;
pub mod estimate;
pub mod exposition;
pub mod forward;
pub mod gathered;
pub mod governance;
pub mod incoming;
pub mod incoming_body;
pub mod journal;
pub mod local;
pub mod meter;
pub mod metrics;
pub mod node;
pub mod outbox;
pub mod pipeline;

pub mod random;
pub mod reader;
pub mod refused_head;
pub mod request_log;
pub mod route;
pub mod send;
pub mod serve_connection;
pub mod server;
pub mod settings;
pub mod settle;
pub mod settled_entry;
pub mod settlement_line;
pub mod stream;
pub mod tenants;
pub mod tls;
pub mod translate;
