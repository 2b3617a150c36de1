//! What is measured: each gateway or proxy in a process of its own, in front of the same mock provider.

mod process;
mod recipes;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::load::{CALLER_KEY, Connection, Expect, Request};
use crate::machine::Cores;
use crate::options::Options;
use process::Launch;
pub use process::{Cpu, Process};

/// The closed set of subjects, in the order of the report's columns.
///
/// A gateway with another configuration (keys and budgets on, say) is another subject: a variant here, its recipe in
/// `recipes.rs`, and its figures in `figures.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Headgate,
    /// The same with a virtual key: budgets, rates and parallel limits of key, team and organization, counted in memory.
    Governed,
    /// The same with counters in Redis.
    GovernedRedis,
    Nginx,
    Haproxy,
    Relay,
    LiteLlm,
    Portkey,
    /// The mock provider itself, with nothing between.
    Direct,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Headgate,
        Self::Governed,
        Self::GovernedRedis,
        Self::Nginx,
        Self::Haproxy,
        Self::Relay,
        Self::LiteLlm,
        Self::Portkey,
        Self::Direct,
    ];

    /// The column's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Headgate => "Headgate",
            Self::Governed => "governed",
            Self::GovernedRedis => "governed, Redis",
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Relay => "byte relay",
            Self::LiteLlm => "LiteLLM",
            Self::Portkey => "Portkey",
            Self::Direct => "direct",
        }
    }

    /// Whether it holds requests to budgets and limits: measured beside the ungoverned gateway only.
    pub fn governs(self) -> bool {
        matches!(self, Self::Governed | Self::GovernedRedis)
    }

    /// Whether it reads requests for what they mean, and so can be asked for another vendor's model.
    pub fn translates(self) -> bool {
        matches!(self, Self::Headgate | Self::LiteLlm)
    }

    /// Whether one request costs it a millisecond or more: it is measured with fewer requests.
    pub fn slow(self) -> bool {
        matches!(self, Self::LiteLlm | Self::Portkey)
    }

    /// Whether streams can be asked of it: Portkey 1.15 answers 500 to every stream under Node 20 ("immutable" headers).
    pub fn streams(self) -> bool {
        !matches!(self, Self::Portkey | Self::Direct)
    }

    /// Whether its answer to an OpenAI model has the provider's own bytes.
    fn passes_bytes(self) -> bool {
        !matches!(self, Self::LiteLlm | Self::Portkey)
    }
}

/// The places that subjects are started in and against.
pub struct Ground<'a> {
    pub options: &'a Options,
    pub cores: &'a Cores,
    /// The mock provider's address.
    pub provider: SocketAddr,
    /// A new directory that is removed by whoever made it.
    pub directory: PathBuf,
}

/// A running subject.
pub struct Subject {
    pub kind: Kind,
    pub address: SocketAddr,
    /// From the start of its process to its first right answer.
    pub start_up: Duration,
    provider: SocketAddr,
    process: Process,
    /// The Redis that it counts in.
    _redis: Option<Process>,
}

impl Subject {
    /// Starts `kind` and waits for its first right answer.
    pub async fn start(kind: Kind, ground: &Ground<'_>) -> io::Result<Self> {
        let address = match kind {
            Kind::Direct => ground.provider,
            _ => free_address()?,
        };
        let directory = ground
            .directory
            .join(format!("{kind:?}-{}", address.port()));
        std::fs::create_dir_all(&directory)?;
        let (mut recipe, mut redis) = (recipes::recipe(kind, address, ground, &directory)?, None);
        if kind == Kind::GovernedRedis {
            let address = free_address()?;
            redis = Some(redis_at(address, ground, &directory)?);
            recipe
                .environment
                .push(("REDIS_URL", format!("redis://{address}")));
        }
        let began = Instant::now();
        let process = Process::start(&Launch {
            program: &recipe.program,
            arguments: recipe.arguments,
            environment: recipe.environment,
            cores: if kind == Kind::Direct {
                &ground.cores.provider
            } else {
                &ground.cores.subject
            },
            directory: &directory,
        })?;
        let mut subject = Self {
            kind,
            address,
            start_up: Duration::ZERO,
            provider: ground.provider,
            process,
            _redis: redis,
        };
        if kind.governs() {
            subject.make_key().await?;
        }
        subject.wait_until_ready(&directory).await?;
        subject.start_up = began.elapsed();
        subject.process.find_descendants();
        Ok(subject)
    }

    /// An organization, a team and a key, each with a budget and with limits that are never reached.
    async fn make_key(&mut self) -> io::Result<()> {
        let limits = "\"max_budget\":1000000,\"budget_duration\":\"30d\",\"rpm_limit\":1000000000,\"tpm_limit\":1000000000000";
        let steps = [
            (
                "/organization/new",
                format!(
                    "{{\"organization_id\":\"bench\",\"organization_alias\":\"bench\",{limits}}}"
                ),
            ),
            (
                "/team/new",
                format!("{{\"team_id\":\"bench\",\"organization_id\":\"bench\",{limits}}}"),
            ),
            (
                "/key/generate",
                format!(
                    "{{\"key\":\"{CALLER_KEY}\",\"team_id\":\"bench\",\"max_parallel_requests\":100000,{limits}}}"
                ),
            ),
        ];
        let deadline = Instant::now() + Duration::from_secs(10);
        for (path, body) in steps {
            let request = Request::management(self.address, path, &body);
            loop {
                let mut connection = Connection::new();
                if let Ok(true) = connection.exchange(&request).await {
                    break;
                }
                if !self.process.alive() || Instant::now() > deadline {
                    let answer = String::from_utf8_lossy(&connection.reply.body).into_owned();
                    return Err(io::Error::other(format!("{path}: {answer}")));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }

    async fn wait_until_ready(&mut self, directory: &Path) -> io::Result<()> {
        let patience = Duration::from_secs(if self.kind.slow() { 120 } else { 10 });
        let deadline = Instant::now() + patience;
        let request = self.request("answer-1024", 1_024).expecting(Expect::Usage);
        while self.process.alive() && Instant::now() < deadline {
            if let Ok(true) = Connection::new().exchange(&request).await {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(8).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        Err(io::Error::other(format!(
            "{} never answered:\n{}",
            self.kind.name(),
            tail.join("\n")
        )))
    }

    /// A chat completion for `model` with a body of `bytes` bytes, as this subject wants it.
    pub fn request(&self, model: &str, bytes: usize) -> Request {
        Request::chat(
            self.address,
            (model, bytes),
            &recipes::extra_headers(self.kind, self.provider),
        )
    }

    /// The same, expecting the body of `answer` bytes that the provider gives, where the subject passes bytes.
    pub fn json_request(&self, answer_bytes: usize, request_bytes: usize) -> Request {
        let request = self.request(&format!("answer-{answer_bytes}"), request_bytes);
        if self.kind.passes_bytes() {
            request.expecting(Expect::Length(answer_bytes))
        } else {
            request
        }
    }

    /// CPU time used so far by all its processes.
    pub fn cpu(&self) -> Cpu {
        self.process.cpu()
    }

    /// Its memory.
    pub fn process(&self) -> &Process {
        &self.process
    }
}

/// A Redis that keeps nothing on disk, beside the provider.
fn redis_at(address: SocketAddr, ground: &Ground<'_>, directory: &Path) -> io::Result<Process> {
    let (port, directory) = (address.port().to_string(), directory.join("redis"));
    std::fs::create_dir_all(&directory)?;
    let words = [
        "--port",
        &port,
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ];
    Process::start(&Launch {
        program: &ground.options.redis,
        arguments: words.map(str::to_owned).to_vec(),
        environment: Vec::new(),
        cores: &ground.cores.provider,
        directory: &directory,
    })
}

/// An address of loopback that was free a moment ago.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}
