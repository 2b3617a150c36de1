//! Providers' credentials: found, listed, written. Their secrets stay encrypted here.

use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use domain::credentials::Credential;
use domain::ids::{CredentialId, OrganizationId};
use domain::sealed::Sealed;
use serde_json::{Map, Value};

use crate::Store;
use crate::column::row;
use crate::error::Result;
use crate::listing::{found, listed, written};
use crate::page::{Listed, Page};
use crate::schema::credentials;

row!(CredentialRow of Credential in credentials {
    id: CredentialId,
    organization_id: Option<OrganizationId>,
    name: String,
    info: Map<String, Value>,
    sealed_values: Sealed,
});

written!("a credential", CredentialRow of Credential by CredentialId in credentials,
    insert_credential, update_credential, delete_credential);

impl Store {
    /// Finds a credential by its name or id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn credential(&self, name: &str) -> Result<Option<Credential>> {
        found!(self, CredentialRow of Credential, credentials::table
            .filter(credentials::name.eq(name).or(credentials::id.eq(name))))
    }

    /// Lists credentials, the platform's and the organizations'.
    ///
    /// # Errors
    /// As [`Store::credential`].
    pub async fn credentials(&self, page: &Page) -> Result<Listed<Credential>> {
        listed!(self, page, CredentialRow of Credential in credentials,
            credentials::table.into_boxed())
    }
}
