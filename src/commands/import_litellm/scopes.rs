//! End users and tags: LiteLLM has them once for all organizations, here each has its own. They are
//! brought into the default one.

use domain::end_users::EndUser;
use domain::ids::{EndUserId, OrganizationId, TagId};
use domain::spend::SpendScope;
use domain::tags::Tag;
use store::{Result, litellm};

use crate::commands::import_litellm::import::Import;
use crate::commands::import_litellm::row::Row;

/// What is said when there are organizations beside the default one.
const ELSEWHERE: &str = "in the organization `default`; keys of others do not count there";

impl Import<'_> {
    /// Brings end users.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn end_users(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        let organization = OrganizationId::default_one();
        for columns in rows {
            let mut row = Row::new("end user", "user_id", columns);
            self.report.count("end user", |count| count.found += 1);
            let Some(id) = row.text("user_id") else {
                continue;
            };
            let known = self.store.end_user(&organization, &id).await?;
            let ours = known.as_ref().map(|known| known.id.clone());
            let ours = ours.unwrap_or_else(EndUserId::generate);
            self.say_where(&mut row, "user_id");
            let name = row.text("alias");
            let blocked = row.take("blocked").unwrap_or(false);
            let stamps = row.stamps();
            let mut policy = row.policy();
            self.point(&mut row, &mut policy, &organization).await?;
            let blocked = row.blocked_as_wider() || blocked;
            let kept = &[
                "allowed_model_region",
                "default_model",
                "object_permission_id",
            ];
            row.keep(kept, &mut policy.extra);
            let scope = SpendScope::end_user(organization.as_str(), &id);
            self.spent(&mut row, scope, &policy).await?;
            row.finish(&mut self.report);
            self.counted("end user", known.is_some());
            if known.is_none() {
                self.plan.end_users.push(EndUser {
                    id: ours,
                    organization_id: organization.clone(),
                    external_id: id,
                    name,
                    policy,
                    blocked,
                    stamps,
                });
            }
        }
        Ok(())
    }

    /// Brings tags.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn tags(&mut self, rows: Vec<litellm::Row>) -> Result<()> {
        let organization = OrganizationId::default_one();
        for columns in rows {
            let mut row = Row::new("tag", "tag_name", columns);
            self.report.count("tag", |count| count.found += 1);
            let Some(name) = row.text("tag_name") else {
                continue;
            };
            let known = self.store.tag(&organization, &name).await?;
            let ours = known.as_ref().map(|known| known.id.clone());
            let ours = ours.unwrap_or_else(TagId::generate);
            self.say_where(&mut row, "tag_name");
            let description = row.text("description");
            let stamps = row.stamps();
            let mut policy = row.policy();
            self.point(&mut row, &mut policy, &organization).await?;
            row.keep(&["model_info"], &mut policy.extra);
            let scope = SpendScope::tag(organization.as_str(), &name);
            self.spent(&mut row, scope, &policy).await?;
            row.finish(&mut self.report);
            self.counted("tag", known.is_some());
            if known.is_none() {
                self.plan.tags.push(Tag {
                    id: ours,
                    organization_id: organization.clone(),
                    name,
                    description,
                    policy,
                    stamps,
                });
            }
        }
        Ok(())
    }

    fn say_where(&self, row: &mut Row, field: &str) {
        if !self.organizations.is_empty() {
            row.changed(field, ELSEWHERE);
        }
    }
}
