//! `environment_variables`: variables that the file sets itself.

use super::environment::{Environment, resolve};
use super::node::{Content, Node};
use super::report::Report;
use super::section::wrong_type;

/// `environment_variables` are set over those of the process, as LiteLLM does, and only for this
/// configuration.
pub fn apply(root: &mut Node, environment: &Environment, report: &mut Report) -> Environment {
    let mut environment = environment.clone();
    let Content::Map(entries) = &mut root.content else {
        return environment;
    };
    let Some(section) = entries
        .iter_mut()
        .find(|entry| entry.key == "environment_variables")
    else {
        return environment;
    };
    resolve(&mut section.value, &environment, report);
    if section.value.is_given() && !matches!(section.value.content, Content::Map(_)) {
        wrong_type("environment_variables", &section.value, "a map", report);
    }
    for entry in section.value.entries() {
        match &entry.value.content {
            Content::Scalar { text, .. } => {
                if environment
                    .get(&entry.key)
                    .is_some_and(|known| known != text)
                {
                    let message = format!(
                        "{} is set to another value outside the file; this one counts",
                        entry.key
                    );
                    report.warn("variable", &entry.position, message);
                }
                environment.set(&entry.key, text);
            }
            Content::Null | Content::Unset { .. } => {}
            Content::List(_) | Content::Map(_) => {
                wrong_type(&entry.key, &entry.value, "text", report);
            }
        }
    }
    environment
}
