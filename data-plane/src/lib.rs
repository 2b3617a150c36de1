//! The proxy. The modules stand in the order in which a request visits them.
//!
//! | step | module | takes -> gives |
//! |---|---|---|
//! | accept | [`server`], [`serve_connection`], [`connection`], [`incoming`] | a socket -> [`incoming::Incoming`] |
//! | the way itself | [`pipeline`], [`endpoints`] | one line per step |
//! | authenticate | [`authenticate`] | headers -> [`authenticate::Caller`] |
//! | read | [`call`] | bytes -> [`call::Call`] |
//! | admit | [`admit`] | caller and call -> [`admit::Admission`] |
//! | route | [`mod@route`] | model -> [`route::Candidates`], best first |
//! | translate | [`mod@translate`] | call -> the provider's words |
//! | send | [`send`] | candidates -> an answer, with retries and fallbacks |
//! | stream | [`reader`], [`stream`] | the provider's bytes -> the caller's |
//! | meter | [`meter`], [`estimate`] | usage -> charge |
//! | settle | [`settle`], [`settlement_line`], [`request_log`], [`metrics`] | the end, however it comes |

pub mod server;
pub mod serve_connection;
pub mod connection;
pub mod tls;
pub mod node;
pub mod settings;
pub mod incoming;
pub mod pipeline;
pub mod endpoints;
pub mod cors;
pub mod authenticate;
pub mod call;
pub mod admit;
pub mod route;
pub mod translate;
pub mod send;
pub mod local;
pub mod reader;
pub mod stream;
pub mod body;
pub mod answer;
pub mod meter;
pub mod estimate;
pub mod settle;
pub mod settlement_line;
pub mod request_log;
pub mod metrics;
pub mod error;
pub mod random;
