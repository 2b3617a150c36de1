//! Policy templates: found, listed, written.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::ids::{OrganizationId, TemplateId};
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::templates::{Template, folded_environment};

use crate::Store;
use crate::column::row;
use crate::connection::on_either;
use crate::error::Result;
use crate::listing::{found, listed, written};
use crate::page::{Listed, Page};
use crate::schema::templates;

row!(TemplateRow of Template in templates {
    id: TemplateId,
    organization_id: OrganizationId,
    environment: Option<String>,
    name: String,
    defaults: Policy,
    default_lifetime: Option<String>,
    caps: Policy,
    longest_lifetime: Option<String>,
});

written!("a template", TemplateRow of Template by TemplateId in templates,
    insert_template, update_template, delete_template);

/// Which templates are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct TemplateFilter {
    /// Those of organizations that may be seen.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
}

impl Store {
    /// Finds a template by its id.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn template(&self, id: &str) -> Result<Option<Template>> {
        found!(self, TemplateRow of Template, templates::table.find(id))
    }

    /// Lists templates.
    ///
    /// # Errors
    /// As [`Store::template`].
    pub async fn templates(
        &self,
        filter: &TemplateFilter,
        page: &Page,
    ) -> Result<Listed<Template>> {
        let TemplateFilter {
            scope,
            organization_id,
        } = filter;
        listed!(self, page, TemplateRow of Template in templates, {
            let mut query = templates::table.into_boxed();
            if !scope.everything {
                let ids = scope.organizations.iter().map(OrganizationId::as_str);
                query = query.filter(templates::organization_id.eq_any(ids));
            }
            if let Some(id) = organization_id {
                query = query.filter(templates::organization_id.eq(id.as_str()));
            }
            query
        })
    }

    /// The template for a new key of this environment: the environment's own, however that is
    /// spelt, else the one for every environment. Of several the newest.
    ///
    /// # Errors
    /// As [`Store::template`].
    pub async fn template_for(
        &self,
        organization: &OrganizationId,
        environment: Option<&str>,
    ) -> Result<Option<Template>> {
        if let Some(environment) = environment.and_then(folded_environment) {
            // Few: which letters have two cases is not for each database to say.
            for own in self.templates_of_environments(organization).await? {
                let theirs = own.environment.as_deref().and_then(folded_environment);
                if theirs.as_ref() == Some(&environment) {
                    return Ok(Some(own));
                }
            }
        }
        found!(self, TemplateRow of Template, templates::table
            .filter(templates::organization_id.eq(organization.as_str()))
            .filter(templates::environment.is_null())
            .order(templates::id.desc()))
    }

    /// An organization's templates for single environments, the newest first.
    async fn templates_of_environments(
        &self,
        organization: &OrganizationId,
    ) -> Result<Vec<Template>> {
        let mut connection = self.connect().await?;
        let rows: Vec<TemplateRow> = on_either!(connection, c => templates::table
            .filter(templates::organization_id.eq(organization.as_str()))
            .filter(templates::environment.is_not_null())
            .order(templates::id.desc())
            .select(TemplateRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(Template::try_from).collect()
    }
}
