//! The options of `measure`, as `bench/run` passes them on.

use std::path::PathBuf;

/// What to measure, with which programs, and where the table goes.
pub struct Options {
    /// About a minute instead of about eight.
    pub quick: bool,
    /// Names of cases; empty for all.
    pub only: Vec<String>,
    pub headgate: String,
    pub nginx: String,
    /// Empty where it is not installed: the column is left out. So for the next two.
    pub haproxy: String,
    pub litellm: String,
    pub portkey: String,
    /// `redis-server`.
    pub redis: String,
    /// Where subjects keep their files; made and removed by the caller.
    pub work: PathBuf,
    /// Written only when everything was measured.
    pub results: Option<PathBuf>,
    /// Lines for the report's head: commit, date, compiler.
    pub notes: Vec<String>,
}

/// Reads the options; a complaint names what is wrong with them.
pub fn parse(words: &[&str]) -> Result<Options, String> {
    let mut options = Options {
        quick: false,
        only: Vec::new(),
        headgate: String::new(),
        nginx: "nginx".to_owned(),
        haproxy: String::new(),
        litellm: String::new(),
        portkey: String::new(),
        redis: String::new(),
        work: PathBuf::new(),
        results: None,
        notes: Vec::new(),
    };
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        if word == "--quick" {
            options.quick = true;
            continue;
        }
        let value = words
            .next()
            .ok_or_else(|| format!("{word} takes a value"))?
            .to_owned();
        match word {
            "--only" => options.only.extend(value.split(',').map(str::to_owned)),
            "--headgate" => options.headgate = value,
            "--nginx" => options.nginx = value,
            "--haproxy" => options.haproxy = value,
            "--litellm" => options.litellm = value,
            "--portkey" => options.portkey = value,
            "--redis" => options.redis = value,
            "--work" => options.work = value.into(),
            "--results" => options.results = Some(value.into()),
            "--note" => options.notes.push(value),
            _ => return Err(format!("{word} is not an option")),
        }
    }
    if options.work.as_os_str().is_empty() {
        return Err("--work DIRECTORY is missing".to_owned());
    }
    Ok(options)
}
