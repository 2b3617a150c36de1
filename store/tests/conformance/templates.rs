//! The template of an environment goes before the one for all, and never leaves its organization.

use domain::ids::{OrganizationId, TemplateId};
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::templates::Template;
use store::page::Page;
use store::templates::TemplateFilter;

use crate::changes::{change, everything, organization, within};
use crate::setup::on_both;

fn template(organization: &OrganizationId, environment: Option<&str>) -> Template {
    Template {
        id: TemplateId::generate(),
        organization_id: organization.clone(),
        environment: environment.map(str::to_owned),
        name: "for tests".to_owned(),
        defaults: Policy::default(),
        default_lifetime: Some("90d".to_owned()),
        caps: Policy::default(),
        longest_lifetime: None,
        stamps: Stamps::now("test"),
    }
}

on_both! {
    async fn the_template_of_an_environment_goes_before_the_one_for_all(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        let (all, own) = (template(&acme, None), template(&acme, Some("development")));
        change!(store, insert_template(&own)).unwrap();
        let found = store.template_for(&acme, Some("production")).await.unwrap();
        assert_eq!(found, None);
        change!(store, insert_template(&all)).unwrap();
        let found = store.template_for(&acme, Some("development")).await.unwrap();
        assert_eq!(found, Some(own));
        for environment in [Some("production"), None] {
            let found = store.template_for(&acme, environment).await.unwrap();
            assert_eq!(found, Some(all.clone()));
            assert_eq!(store.template_for(&bolt, environment).await.unwrap(), None);
        }
    }

    async fn a_template_is_written_listed_and_removed(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        let (mut mine, theirs) = (template(&acme, None), template(&bolt, None));
        change!(store, insert_template(&mine)).unwrap();
        change!(store, insert_template(&theirs)).unwrap();
        mine.default_lifetime = None;
        mine.caps.limits.rpm = Some(60);
        change!(store, update_template(&mine)).unwrap();
        assert_eq!(store.template(mine.id.as_str()).await.unwrap(), Some(mine.clone()));
        let ten = Page::first(10);
        let filter = TemplateFilter { scope: within(&acme), ..TemplateFilter::default() };
        assert_eq!(store.templates(&filter, &ten).await.unwrap().items, [mine.clone()]);
        let filter = TemplateFilter { scope: everything(), organization_id: Some(bolt) };
        assert_eq!(store.templates(&filter, &ten).await.unwrap().items, [theirs]);
        let nothing = store.templates(&TemplateFilter::default(), &ten).await.unwrap();
        assert!(nothing.items.is_empty());
        change!(store, delete_template(&mine.id)).unwrap();
        assert_eq!(store.template(mine.id.as_str()).await.unwrap(), None);
    }
}
