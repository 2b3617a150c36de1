//! Names under which lists of models allow whole groups: `model_info.access_groups` of the file's
//! deployments and of the store's.

use domain::ids::OrganizationId;
use domain::permissions::Scope;
use domain::policies::Policy;
use domain::routing::access_groups;
use store::deployments::DeploymentFilter;

use crate::acting::{Acting, Permission};
use crate::actions::levels::EVERYTHING;
use crate::error::ActionError;

/// Models with the groups in which they are.
pub(super) struct AccessGroups(Vec<(String, Vec<String>)>);

impl AccessGroups {
    /// Those of the deployments that an organization may use, as far as these levels need them: who
    /// lists no models names no group either, and nothing is read.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(super) async fn of<P: Permission>(
        acting: &Acting<P>,
        organization: &OrganizationId,
        levels: &[&Policy],
    ) -> Result<Self, ActionError> {
        if levels.iter().all(|level| level.models.is_empty()) {
            return Ok(Self(Vec::new()));
        }
        let file = acting.api().settings.file.load_full();
        let named = |info: &_| access_groups(info).map(str::to_owned).collect();
        let of_file = file.table.deployments.iter();
        let mut all: Vec<(String, Vec<String>)> = of_file
            .map(|one| (one.group.clone(), named(&one.info.extra)))
            .collect();
        let filter = DeploymentFilter {
            scope: Scope {
                organizations: [organization.clone()].into(),
                ..Scope::default()
            },
            ..DeploymentFilter::default()
        };
        let stored = acting
            .store()
            .stored_deployments(&filter, &EVERYTHING)
            .await?;
        let stored = stored.items.into_iter();
        all.extend(stored.map(|one| (one.model_name, named(&one.info))));
        all.retain(|(_model, groups)| !groups.is_empty());
        Ok(Self(all))
    }

    /// A list of models with those that its groups stand for.
    pub(super) fn spelled_out(&self, models: &[String]) -> Vec<String> {
        let is_listed = |groups: &Vec<String>| groups.iter().any(|group| models.contains(group));
        let members = self.0.iter().filter(|(_model, groups)| is_listed(groups));
        let mut all = models.to_vec();
        all.extend(members.map(|(model, _groups)| model.clone()));
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_stands_for_its_models_beside_what_is_named() {
        let in_beta = vec!["beta".to_owned()];
        let groups = AccessGroups(vec![
            ("new".to_owned(), in_beta.clone()),
            ("newer".to_owned(), in_beta),
            ("old".to_owned(), vec!["stable".to_owned()]),
        ]);
        let models = ["plain".to_owned(), "beta".to_owned()];
        assert_eq!(
            groups.spelled_out(&models),
            ["plain", "beta", "new", "newer"]
        );
        assert!(groups.spelled_out(&[]).is_empty());
    }
}
