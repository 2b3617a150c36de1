//! Deployments and credentials of the platform are for all, those of an organization for it alone.

use domain::credentials::Credential;
use domain::deployments::StoredDeployment;
use domain::ids::{CredentialId, DeploymentId, OrganizationId};
use domain::permissions::Scope;
use domain::sealed::Sealed;
use domain::stamps::Stamps;
use serde_json::{Map, Value, json};
use store::StoreError;
use store::deployments::DeploymentFilter;
use store::page::Page;

use crate::changes::{change, everything, organization, within};
use crate::setup::on_both;

fn members(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn deployment(organization: Option<&OrganizationId>, model_name: &str) -> StoredDeployment {
    StoredDeployment {
        id: DeploymentId::generate(),
        organization_id: organization.cloned(),
        model_name: model_name.to_owned(),
        params: members(json!({ "model": "openai/gpt-5", "rpm": 5 })),
        sealed_params: Some(Sealed::new("sealed")),
        info: Map::new(),
        blocked: false,
        stamps: Stamps::now("test"),
    }
}

on_both! {
    async fn a_deployment_comes_back_as_it_was_written(store) {
        let mut gpt = deployment(None, "gpt");
        change!(store, insert_deployment(&gpt)).unwrap();
        gpt.sealed_params = None;
        gpt.blocked = true;
        gpt.info = members(json!({ "mode": "chat" }));
        change!(store, update_deployment(&gpt)).unwrap();
        let found = store.stored_deployment(gpt.id.as_str()).await.unwrap().unwrap();
        assert_eq!((found.params, found.info), (gpt.params, gpt.info));
        assert_eq!((found.sealed_params.is_none(), found.blocked), (true, true));
        change!(store, delete_deployment(&gpt.id)).unwrap();
        assert!(store.stored_deployment(gpt.id.as_str()).await.unwrap().is_none());
    }

    async fn the_platforms_deployments_are_seen_by_all_and_others_by_their_organization(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        for (owner, name) in [(None, "gpt"), (Some(&acme), "Acme GPT"), (Some(&bolt), "llama")] {
            change!(store, insert_deployment(&deployment(owner, name))).unwrap();
        }
        let names = async |filter: DeploymentFilter| {
            let mut names: Vec<String> = store.stored_deployments(&filter, &Page::first(9)).await
                .unwrap().items.into_iter().map(|found| found.model_name).collect();
            names.sort();
            names
        };
        let seen = |scope: Scope| DeploymentFilter { scope, ..DeploymentFilter::default() };
        assert_eq!(names(seen(everything())).await, ["Acme GPT", "gpt", "llama"]);
        assert_eq!(names(seen(within(&acme))).await, ["Acme GPT", "gpt"]);
        assert_eq!(names(seen(Scope::default())).await, ["gpt"]);
        let search = DeploymentFilter { search: Some("Gpt".to_owned()), ..seen(within(&bolt)) };
        assert_eq!(names(search).await, ["gpt"]);
        let exact = DeploymentFilter { model_name: Some("gpt".to_owned()), ..seen(everything()) };
        assert_eq!(names(exact).await, ["gpt"]);
    }

    async fn a_credential_is_found_by_its_name_which_is_taken_once(store) {
        let mut azure = Credential {
            id: CredentialId::generate(),
            organization_id: None,
            name: "azure".to_owned(),
            info: members(json!({ "provider": "azure" })),
            sealed_values: Sealed::new("one"),
            stamps: Stamps::now("test"),
        };
        change!(store, insert_credential(&azure)).unwrap();
        let again = Credential { id: CredentialId::generate(), ..azure.clone() };
        assert!(matches!(change!(store, insert_credential(&again)), Err(StoreError::Exists(_))));
        azure.sealed_values = Sealed::new("two");
        change!(store, update_credential(&azure)).unwrap();
        for name in ["azure", azure.id.as_str()] {
            let found = store.credential(name).await.unwrap().unwrap();
            assert_eq!((found.sealed_values.as_str(), found.info), ("two", azure.info.clone()));
        }
        let listed = store.credentials(&Page { count: true, ..Page::first(5) }).await.unwrap();
        assert_eq!((listed.items.len(), listed.total), (1, Some(1)));
        change!(store, delete_credential(&azure.id)).unwrap();
        assert!(store.credential("azure").await.unwrap().is_none());
    }
}
