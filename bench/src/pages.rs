//! How long the console's pages take over a store that is filled already: signs in with the master
//! key, asks for each page in turn, and prints median, 95th percentile and size.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use crate::load::{Connection, Expect, Request, quantile};

/// Every list, with the filters and orders that cost most, and reports of the last 30 days.
const PAGES: [&str; 40] = [
    "/ui/",
    "/ui/requests",
    "/ui/requests?r=30d",
    "/ui/requests?r=30d&q=status:502",
    "/ui/requests?r=30d&q=model:model-1*",
    "/ui/requests?r=30d&q=latency:%3E2s",
    "/ui/requests?r=30d&q=cost:%3E0.00001",
    "/ui/requests?r=30d&q=tag:batch",
    "/ui/requests?r=30d&key=key_01jd0000000000000000000007",
    "/ui/requests?r=30d&team=team_01jd0000000000000000000007",
    "/ui/usage",
    "/ui/usage?r=30d&by=team",
    "/ui/usage?r=30d&by=key",
    "/ui/usage?r=30d&by=group&by2=team",
    "/ui/keys",
    "/ui/keys?q=key-99",
    "/ui/keys?q=nothing-like-it",
    "/ui/keys?sort=-spend",
    "/ui/keys?sort=used",
    "/ui/keys?view=over",
    "/ui/keys?view=unused",
    "/ui/keys/key_01jd0000000000000000000007",
    "/ui/teams",
    "/ui/teams/team_01jd0000000000000000000007",
    "/ui/people",
    "/ui/orgs",
    "/ui/models",
    "/ui/budgets",
    "/ui/audit",
    "/api/v1/usage",
    "/api/v1/usage?group_by=key&order=charge",
    "/api/v1/usage?group_by=key&order=charge&format=csv",
    "/api/v1/usage?group_by=user&order=charge",
    "/api/v1/usage?group_by=project&order=charge",
    "/api/v1/usage?group_by=tag",
    "/api/v1/usage?group_by=team,model_group",
    "/api/v1/usage?bucket=day",
    "/api/v1/usage?bucket=hour",
    "/api/v1/usage?bucket=day&time_zone=Europe/Berlin",
    "/api/v1/usage?bucket=day&time_zone=America/Los_Angeles",
];

/// Asks the gateway at `address`, which knows `master_key`, so often for each page.
pub async fn measure(address: SocketAddr, master_key: &str, rounds: usize) -> io::Result<()> {
    let mut connection = Connection::new();
    let cookie = sign_in(&mut connection, address, master_key).await?;
    println!(
        "{:>8} {:>8} {:>8} {:>8}  page",
        "p50 ms", "p95 ms", "most ms", "KB"
    );
    for page in PAGES {
        let request = get(address, page, &cookie);
        let mut taken_us = Vec::with_capacity(rounds);
        for round in 0..=rounds {
            let begun = Instant::now();
            if !connection.exchange(&request).await? {
                println!("{page}: answered {}", connection.reply.status);
                break;
            }
            // The first one fills the caches that a console in use has.
            if round > 0 {
                taken_us.push(begun.elapsed().as_micros() as u64);
            }
        }
        taken_us.sort_unstable();
        let ms = |share: f64| quantile(&taken_us, share) / 1_000.0;
        let kilobytes = connection.reply.body.len() / 1_000;
        println!(
            "{:>8.1} {:>8.1} {:>8.1} {kilobytes:>8}  {page}",
            ms(0.5),
            ms(0.95),
            ms(1.0)
        );
    }
    Ok(())
}

async fn sign_in(
    connection: &mut Connection,
    address: SocketAddr,
    master_key: &str,
) -> io::Result<String> {
    let body = format!("next=&master_key={master_key}");
    let wire = format!(
        "POST /ui/sign-in HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let request = Request {
        address,
        wire: wire.into_bytes(),
        expect: Expect::Any,
    };
    connection.exchange(&request).await?;
    let cookies = connection.reply.headers("set-cookie");
    let pairs = cookies.iter().filter_map(|cookie| cookie.split(';').next());
    let joined = pairs.collect::<Vec<_>>().join("; ");
    match joined.is_empty() {
        true => Err(io::Error::other("nobody was signed in")),
        false => Ok(joined),
    }
}

fn get(address: SocketAddr, page: &str, cookie: &str) -> Request {
    let wire = format!("GET {page} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\n\r\n");
    Request {
        address,
        wire: wire.into_bytes(),
        expect: Expect::Any,
    }
}
