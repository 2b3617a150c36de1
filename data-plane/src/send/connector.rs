//! TCP to a provider, straight or through the operator's proxy.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use crate::send::names::Names;
use crate::settings::Proxies;

/// Any failure to connect.
pub type ConnectFault = Box<dyn std::error::Error + Send + Sync>;

/// Connects straight, or by `CONNECT` through a proxy. Plain `http://` addresses go through the
/// proxy by `CONNECT` too, so that a proxy never sees a request's head.
#[derive(Clone)]
pub struct Connector {
    straight: HttpConnector<Names>,
    names: Names,
    proxies: Option<Arc<Matcher>>,
}

impl Connector {
    /// A connector; without proxies every address is reached straight. `names` has to be what
    /// `straight` asks. A proxy finds names by itself: behind one, it has to keep ours in bounds.
    #[must_use]
    pub fn new(straight: HttpConnector<Names>, names: Names, proxies: &Proxies) -> Self {
        let Proxies {
            https,
            http,
            none_for,
        } = proxies;
        let any = https.is_some() || http.is_some();
        let matcher = any.then(|| {
            let builder = Matcher::builder()
                .https(https.clone().unwrap_or_default())
                .http(http.clone().unwrap_or_default())
                .no(none_for.join(","));
            Arc::new(builder.build())
        });
        Self {
            straight,
            names,
            proxies: matcher,
        }
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectFault;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        if !self.names.allow_literal(&address) {
            return Box::pin(async { Err("the address may not be called".into()) });
        }
        let through = self
            .proxies
            .as_ref()
            .and_then(|proxies| proxies.intercept(&address));
        let mut straight = self.straight.clone();
        Box::pin(async move {
            let Some(proxy) = through else {
                return straight.call(address).await.map_err(Into::into);
            };
            let mut tunnel = Tunnel::new(proxy.uri().clone(), straight);
            if let Some(credential) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(credential.clone());
            }
            tunnel.call(address).await.map_err(Into::into)
        })
    }
}
