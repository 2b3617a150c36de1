//! What is in every store: the organization `default`, and the id of the encryption key.

use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::actors::Actor;
use domain::ids::{DEFAULT_ORGANIZATION, OrganizationId};
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::stamps::Stamps;

use crate::Store;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::head;
use crate::transaction::Event;

impl Store {
    /// Makes the organization `default` where it is missing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ensure_default_organization(&self) -> Result<()> {
        if self.organization(DEFAULT_ORGANIZATION).await?.is_some() {
            return Ok(());
        }
        let actor = Actor::system();
        let organization = Organization {
            id: OrganizationId::default_one(),
            external_id: None,
            name: "Default".to_owned(),
            time_zone: "UTC".to_owned(),
            policy: Policy::default(),
            blocked: false,
            stamps: Stamps::now(&actor.id()),
        };
        let mut change = self.begin().await?;
        match change.insert_organization(&organization).await {
            // Another gateway on this database was quicker.
            Err(StoreError::Exists(_)) => return Ok(()),
            other => other?,
        }
        let made = Event {
            action: "organization.create",
            object_kind: "organization",
            object_id: organization.id.to_string(),
            organization_id: Some(organization.id.to_string()),
            after: serde_json::to_value(&organization).ok(),
            ..Event::default()
        };
        change.commit(&actor, made).await?;
        Ok(())
    }

    /// The id of the key with which the secrets here are encrypted: the one that the first gateway
    /// on this database came with, and that is `given` when this is the first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn encryption_key_id(&self, given: &str) -> Result<String> {
        let mut connection = self.connect().await?;
        let stored = on_either!(connection, c => {
            diesel::update(head::table.filter(head::encryption_key_id.eq("")))
                .set(head::encryption_key_id.eq(given))
                .execute(c)
                .await?;
            head::table.select(head::encryption_key_id).first(c).await?
        });
        Ok(stored)
    }
}
