//! A small mail server: speaks SMTP (RFC 5321) as far as a client hands in letters, and keeps them.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::deadline::within;
use crate::tls::Certificate;

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

impl Shared {
    fn keep(&self, letter: Letter) {
        let mut letters = self.letters.lock().expect("no test panics with it");
        letters.push(letter);
        self.count.send_replace(letters.len());
    }
}

impl MailServer {
    /// Listens, without TLS.
    pub async fn start() -> Self {
        Self::listening(None).await
    }

    /// Listens, and takes letters over TLS only, by STARTTLS.
    pub async fn start_with_tls(certificate: &Certificate) -> Self {
        Self::listening(Some(certificate.acceptor())).await
    }

    async fn listening(acceptor: Option<TlsAcceptor>) -> Self {
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
                let acceptor = acceptor.clone();
                // A client that goes away ends its own conversation.
                connections.spawn(async move { drop(serve(stream, &shared, acceptor).await) });
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

/// How a conversation ends.
enum End {
    /// The client is done.
    Bye,
    /// It goes on over TLS.
    StartTls,
}

/// A conversation, and over TLS the rest of it.
async fn serve(
    stream: TcpStream,
    shared: &Shared,
    acceptor: Option<TlsAcceptor>,
) -> std::io::Result<()> {
    let mut plain = BufReader::new(stream);
    plain
        .get_mut()
        .write_all(b"220 mail.test ESMTP\r\n")
        .await?;
    let ended = talk(&mut plain, shared, acceptor.is_some()).await?;
    if let (End::StartTls, Some(acceptor)) = (ended, acceptor) {
        let mut encrypted = BufReader::new(acceptor.accept(plain.into_inner()).await?);
        talk(&mut encrypted, shared, false).await?;
    }
    Ok(())
}

async fn line<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let read = stream.read_line(&mut line).await?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufReader<S>,
    shared: &Shared,
    offers_tls: bool,
) -> std::io::Result<End> {
    let mut letter = Letter::default();
    while let Some(said) = line(stream).await? {
        let word = said.split([' ', ':']).next().unwrap_or_default();
        let answer: &[u8] = match word.to_ascii_uppercase().as_str() {
            "EHLO" if offers_tls => b"250-mail.test\r\n250-8BITMIME\r\n250 STARTTLS\r\n",
            "EHLO" => b"250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
            "STARTTLS" if offers_tls => {
                stream.get_mut().write_all(b"220 go on\r\n").await?;
                return Ok(End::StartTls);
            }
            "HELO" | "RSET" | "NOOP" => b"250 ok\r\n",
            "AUTH" => {
                let given = said.split(' ').nth(2);
                letter.login = given.unwrap_or_default().to_owned();
                b"235 signed in\r\n"
            }
            "MAIL" => {
                letter.sender = path(&said);
                b"250 ok\r\n"
            }
            "RCPT" => {
                letter.recipients.push(path(&said));
                b"250 ok\r\n"
            }
            "DATA" => {
                stream.get_mut().write_all(b"354 go on\r\n").await?;
                letter.text = text(stream).await?;
                let login = letter.login.clone();
                shared.keep(std::mem::take(&mut letter));
                letter.login = login;
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.get_mut().write_all(b"221 bye\r\n").await?;
                return Ok(End::Bye);
            }
            _ => b"502 not here\r\n",
        };
        stream.get_mut().write_all(answer).await?;
    }
    Ok(End::Bye)
}

/// The lines until a lone dot; a dot at the beginning of another was doubled (section 4.5.2).
async fn text<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut text = String::new();
    while let Some(said) = line(stream).await? {
        if said == "." {
            break;
        }
        text.push_str(said.strip_prefix('.').unwrap_or(&said));
        text.push('\n');
    }
    Ok(text)
}

/// The address in `MAIL FROM:<…>`.
fn path(line: &str) -> String {
    let inner = line
        .split('<')
        .nth(1)
        .and_then(|rest| rest.split('>').next());
    inner.unwrap_or_default().to_owned()
}
