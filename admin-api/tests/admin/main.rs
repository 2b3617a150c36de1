//! Promises of the admin side, kept over a real socket.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod audit_trail;
#[cfg(test)]
mod blocks;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod daily_activity;
#[cfg(test)]
mod deleted_keys;
#[cfg(test)]
mod deployments;
#[cfg(test)]
mod documentation;
#[cfg(test)]
mod done_once;
#[cfg(test)]
mod every_answer;
#[cfg(test)]
mod every_page;
#[cfg(test)]
mod figures_agree;
#[cfg(test)]
mod first_administrator;
#[cfg(test)]
mod forms;
#[cfg(test)]
mod global_reports;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod key_forms;
#[cfg(test)]
mod key_grants;
#[cfg(test)]
mod key_lists;
#[cfg(test)]
mod key_live;
#[cfg(test)]
mod key_pages;
#[cfg(test)]
mod key_secrets;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod known;
#[cfg(test)]
mod languages;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod litellm_habits;
#[cfg(test)]
mod litellm_reports;
#[cfg(test)]
mod live;
#[cfg(test)]
mod looking;
#[cfg(test)]
mod many_keys;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod members;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod months;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod people;
#[cfg(test)]
mod people_pages;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod request_pages;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod settings_pages;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod shared_budgets;
#[cfg(test)]
mod signing_in;
#[cfg(test)]
mod single_sign_on;
#[cfg(test)]
mod single_sign_on_people;
#[cfg(test)]
mod spend_windows;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod teams;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod things;
