//! Lays the model catalogue out so that the library can search it where it lies: nothing is inflated or
//! copied when the gateway runs, and what nobody looks up is not even read from the disk.
//!
//! | file | what |
//! |---|---|
//! | `catalogue.names` | the names of the models, sorted, one after the other |
//! | `catalogue.entries` | their JSON, in the same order |
//! | `catalogue.words` | sellers and modes, a line each |
//! | `catalogue.records` | for each model twelve bytes, see [`record`]; one more at the end |

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;

use serde_json::Value;
use serde_json::value::RawValue;

const CATALOGUE: &str = "data/model-catalog.json";

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Words that many entries have; each is written once.
#[derive(Default)]
struct Words(Vec<String>);

impl Words {
    fn number(&mut self, word: &str) -> Outcome<u8> {
        let known = self.0.iter().position(|one| one == word);
        let number = known.unwrap_or_else(|| {
            self.0.push(word.to_owned());
            self.0.len() - 1
        });
        Ok(u8::try_from(number)?)
    }
}

/// Where the name begins and where the JSON does, both little-endian; the numbers of the seller's word
/// and the mode's; whether it is withdrawn (1) and has prices per token (2); a byte for nothing.
fn record(name_at: usize, json_at: usize, rest: [u8; 3]) -> Outcome<Vec<u8>> {
    let [name_at, json_at] = [u32::try_from(name_at)?, u32::try_from(json_at)?];
    let [owner, mode, flags] = rest;
    let mut record = [name_at.to_le_bytes(), json_at.to_le_bytes()].concat();
    record.extend([owner, mode, flags, 0]);
    Ok(record)
}

fn flags(entry: &Value) -> u8 {
    let is_retired = entry["retired"] == Value::Bool(true);
    let is_priced = entry.get("usd_per_mtok").is_some();
    u8::from(is_retired) | u8::from(is_priced) << 1
}

fn main() -> Outcome<()> {
    let text = std::fs::read_to_string(CATALOGUE)?;
    // Sorted as strings are compared.
    let catalogue: BTreeMap<&str, &RawValue> = serde_json::from_str(&text)?;
    let (mut names, mut entries) = (String::new(), String::new());
    let (mut words, mut records) = (Words::default(), Vec::new());
    for (name, json) in catalogue {
        let entry: Value = serde_json::from_str(json.get())?;
        let word = |member: &str| {
            let told = entry.get(member).and_then(Value::as_str);
            told.ok_or(format!("{name}: no {member}"))
        };
        let rest = [
            words.number(word("provider")?)?,
            words.number(word("mode")?)?,
            flags(&entry),
        ];
        records.extend(record(names.len(), entries.len(), rest)?);
        names.push_str(name);
        entries.push_str(json.get());
    }
    records.extend(record(names.len(), entries.len(), [0; 3])?);
    let out = std::env::var("OUT_DIR")?;
    let write = |file: &str, bytes: &[u8]| std::fs::write(Path::new(&out).join(file), bytes);
    write("catalogue.names", names.as_bytes())?;
    write("catalogue.entries", entries.as_bytes())?;
    write("catalogue.words", words.0.join("\n").as_bytes())?;
    write("catalogue.records", &records)?;
    // A build script's instructions to Cargo are lines of its output.
    let mut instructions = std::io::stdout();
    writeln!(instructions, "cargo::rerun-if-changed={CATALOGUE}")?;
    writeln!(instructions, "cargo::rerun-if-changed=build.rs")?;
    Ok(())
}
