//! Deployments that were added at run time: found, listed, written.

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, NullableExpressionMethods,
    OptionalExtension, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::deployments::StoredDeployment;
use domain::ids::{DeploymentId, OrganizationId};
use domain::permissions::Scope;
use domain::sealed::Sealed;
use serde_json::{Map, Value};

use crate::Store;
use crate::column::row;
use crate::error::Result;
use crate::listing::{found, listed, written};
use crate::narrowing::contains;
use crate::page::{Listed, Page, containing};
use crate::schema::deployments;

row!(DeploymentRow of StoredDeployment in deployments {
    id: DeploymentId,
    organization_id: Option<OrganizationId>,
    model_name: String,
    params: Map<String, Value>,
    sealed_params: Option<Sealed>,
    info: Map<String, Value>,
    blocked: bool,
});

written!("a deployment", DeploymentRow of StoredDeployment by DeploymentId in deployments,
    insert_deployment, update_deployment, delete_deployment);

/// Which deployments are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct DeploymentFilter {
    /// The platform's own are seen in every scope; others in that of their organization.
    pub scope: Scope,
    /// Those whose model's name or id contains this, in any case.
    pub search: Option<String>,
    /// Those of the model with exactly this name.
    pub model_name: Option<String>,
}

impl Store {
    /// Finds a deployment by its id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn stored_deployment(&self, id: &str) -> Result<Option<StoredDeployment>> {
        found!(self, DeploymentRow of StoredDeployment, deployments::table.find(id))
    }

    /// Lists deployments. The platform's own are seen by everybody: a scope hides those of other
    /// organizations alone.
    ///
    /// # Errors
    /// As [`Store::stored_deployment`].
    pub async fn stored_deployments(
        &self,
        filter: &DeploymentFilter,
        page: &Page,
    ) -> Result<Listed<StoredDeployment>> {
        let DeploymentFilter {
            scope,
            search,
            model_name,
        } = filter;
        listed!(self, page, DeploymentRow of StoredDeployment in deployments, {
            let mut query = deployments::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                let own = deployments::organization_id.assume_not_null().eq_any(ids);
                let platforms = deployments::organization_id.is_null();
                query = query.filter(platforms.or(own));
            }
            if let Some(search) = search {
                let part = containing(search);
                let id = contains!(deployments::id, part);
                let model = contains!(deployments::model_name, part);
                query = query.filter(id.or(model));
            }
            if let Some(name) = model_name {
                query = query.filter(deployments::model_name.eq(name));
            }
            query
        })
    }
}
