//! Starts the real gateway and scripted providers, and speaks to both over real sockets.
//!
//! | module | purpose |
//! |---|---|
//! | [`gateway`] | the binary on a free port: its answers, its output, its signals |
//! | [`provider`] | a provider that answers as the test says, records what arrives and keeps its own ledger |
//! | [`answer`] | what a scripted provider says, and how it misbehaves |
//! | [`ledger`] | what the scripted provider would bill |
//! | [`gate`] | a point where a provider waits for the test; no test sleeps |
//! | [`browser`] | a real Chromium: pages opened, clicked and typed into |
//! | [`caller`] | a caller over HTTP/1.1 or HTTP/2, plain or over TLS |
//! | [`multiplexed`] | several calls on one HTTP/2 connection |
//! | [`postgres`] | a real PostgreSQL with a database for each test, which a test may stop and start |
//! | [`redis`](mod@redis) | real Redis servers: one, one with a replica and a sentinel, a cluster; a test may kill, pause and fail them over |
//! | [`receiver`] | somebody to whom messages are posted, and who can be away |
//! | [`issuer`] | an identity provider that says what the test says, and its keys |
//! | [`smtp`] | a small mail server |
//! | [`events`] | server-sent events, read independently of the gateway's own reader |
//! | [`fleet`] | several gateways over one Postgres, one Redis and one provider; each may be killed |
//! | [`clients`] | the official SDKs as they are installed for the tests |
//! | [`connection`] | a kept connection for many questions, which costs little |
//! | [`chance`] | random numbers that a seed repeats |
//! | [`raw`] | a caller that sends any bytes |
//! | [`tls`] | a certificate made for one test |
//! | [`deadline`] | nothing waits for ever |

pub mod answer;
pub mod browser;
pub mod caller;
pub mod chance;
pub mod clients;
pub mod connection;
pub mod deadline;
pub mod events;
pub mod fleet;
pub mod gate;
pub mod gateway;
mod incoming;
pub mod issuer;
pub mod ledger;
pub mod multiplexed;
mod output;
pub mod postgres;
pub mod provider;
pub mod raw;
pub mod receiver;
pub mod redis;
mod serving;
pub mod smtp;
pub mod tls;
mod wire;
