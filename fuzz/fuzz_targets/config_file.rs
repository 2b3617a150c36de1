//! A configuration file is read or refused; it never panics, and what is said of it has a place.
#![no_main]

use headgate::config::environment::Environment;
use headgate::config::load;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let environment = Environment::of(&[("OPENAI_API_KEY", "sk-x"), ("N", "3")]);
    // The same text means the same, whether it is refused or not.
    let first = load(text, "config.yaml", &environment).map(|loaded| loaded.config.digest);
    let second = load(text, "config.yaml", &environment).map(|loaded| loaded.config.digest);
    assert_eq!(first.ok(), second.ok());
});
