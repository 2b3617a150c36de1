//! What the configuration file promises its writer.

#[cfg(test)]
mod command_line;
#[cfg(test)]
mod compose;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod known_keys;
#[cfg(test)]
mod model_list;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod routing;
#[cfg(test)]
mod server_settings;
#[cfg(test)]
mod sign_in;
#[cfg(test)]
mod trying;
#[cfg(test)]
mod warnings;
#[cfg(test)]
mod yaml_forms;
