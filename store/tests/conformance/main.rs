//! One suite of promises, kept on SQLite and on Postgres alike.

#[cfg(test)]
mod alerts;
#[cfg(test)]
mod anchors;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod audit_tampers;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod deleted_keys;
#[cfg(test)]
mod deployments;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod end_users;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod identities;
#[cfg(test)]
mod invitations;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod live;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod people;
#[cfg(test)]
mod presence;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod sign_ins;
#[cfg(test)]
mod sums;
#[cfg(test)]
mod tags;
#[cfg(test)]
mod teams;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod upgrades;
#[cfg(test)]
mod virtual_keys;
