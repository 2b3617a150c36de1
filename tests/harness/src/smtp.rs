//! A small mail server: speaks SMTP (RFC 5321) as far as a client hands in letters, and keeps them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::deadline::within;

/// A letter as it was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Who signed in: the base64 text of `AUTH PLAIN`; empty for nobody.
    pub login: String,
    /// `MAIL FROM`.
    pub sender: String,
    /// `RCPT TO`, each.
    pub recipients: Vec<String>,
    /// Headers and text, lines ended by `\n`.
    pub text: String,
}

/// A mail server on a free port of the loopback.
pub struct MailServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    _accepting: JoinSet<()>,
}

struct Shared {
    letters: Mutex<Vec<Letter>>,
    count: watch::Sender<usize>,
}

impl MailServer {
    /// Listens, without TLS.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("the loopback has a free port");
        let address = listener.local_addr();
        let shared = Arc::new(Shared {
            letters: Mutex::default(),
            count: watch::Sender::new(0),
        });
        let mut accepting = JoinSet::new();
        let ours = Arc::clone(&shared);
        accepting.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&ours);
                // A client that goes away ends its own conversation.
                connections.spawn(async move { drop(talk(stream, &shared).await) });
            }
        });
        Self {
            address: address.expect("a bound socket has an address"),
            shared,
            _accepting: accepting,
        }
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Waits until so many letters were handed in, and gives all of them.
    pub async fn arrived(&self, count: usize) -> Vec<Letter> {
        let mut counted = self.shared.count.subscribe();
        let enough = counted.wait_for(|so_far| *so_far >= count);
        let waited = within(&format!("{count} letters arrive"), enough).await;
        drop(waited.expect("the server lives"));
        let letters = self.shared.letters.lock();
        letters.expect("no test panics with it").clone()
    }
}

async fn talk(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut letter = Letter::default();
    writer.write_all(b"220 mail.test ESMTP\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let word = line.split([' ', ':']).next().unwrap_or_default();
        let said: &[u8] = match word.to_ascii_uppercase().as_str() {
            "EHLO" => b"250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
            "HELO" | "RSET" | "NOOP" => b"250 ok\r\n",
            "AUTH" => {
                let given = line.split(' ').nth(2);
                letter.login = given.unwrap_or_default().to_owned();
                b"235 signed in\r\n"
            }
            "MAIL" => {
                letter.sender = path(&line);
                b"250 ok\r\n"
            }
            "RCPT" => {
                letter.recipients.push(path(&line));
                b"250 ok\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await? {
                    if line == "." {
                        break;
                    }
                    // A dot at the beginning of a line was doubled (section 4.5.2).
                    let line = line.strip_prefix('.').unwrap_or(&line);
                    letter.text.push_str(line);
                    letter.text.push('\n');
                }
                let login = letter.login.clone();
                let mut letters = shared.letters.lock().expect("no test panics with it");
                letters.push(std::mem::take(&mut letter));
                letter.login = login;
                shared.count.send_replace(letters.len());
                b"250 taken\r\n"
            }
            "QUIT" => {
                writer.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"502 not here\r\n",
        };
        writer.write_all(said).await?;
    }
    Ok(())
}

/// The address in `MAIL FROM:<…>`.
fn path(line: &str) -> String {
    let inner = line
        .split('<')
        .nth(1)
        .and_then(|rest| rest.split('>').next());
    inner.unwrap_or_default().to_owned()
}
