//! `headgate-bench`: the mock provider, the byte relay and the measurements, as subcommands of one program.

mod cases;
mod figures;
mod http;
mod load;
mod machine;
mod mock;
mod options;
mod pages;
mod relay;
mod report;
mod rounds;
mod subject;
mod values;

use std::net::SocketAddr;
use std::process::ExitCode;

const USAGE: &str = "usage: headgate-bench mock ADDR | relay ADDR UPSTREAM | pages ADDR MASTER_KEY | measure [options]";

/// How often each page is asked for.
const PAGE_ROUNDS: usize = 40;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // One thread: a server that is pinned to one core gains nothing from a second one, and its CPU is easier to read.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcome = match words.as_slice() {
        ["mock", address] => runtime.block_on(mock::serve(socket_address(address))),
        ["relay", address, upstream] => runtime.block_on(relay::serve(
            socket_address(address),
            socket_address(upstream),
        )),
        ["pages", address, master_key] => runtime.block_on(pages::measure(
            socket_address(address),
            master_key,
            PAGE_ROUNDS,
        )),
        ["measure", rest @ ..] => match options::parse(rest) {
            Ok(options) => runtime.block_on(rounds::measure(&options)),
            Err(complaint) => Err(std::io::Error::other(complaint)),
        },
        _ => Err(std::io::Error::other(USAGE)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("headgate-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn socket_address(text: &str) -> SocketAddr {
    text.parse()
        .unwrap_or_else(|_| panic!("{text:?} is not an address such as 127.0.0.1:4000"))
}
