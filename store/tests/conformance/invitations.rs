//! An invitation is found by its link, listed while it is open, and used once.

use std::collections::BTreeSet;

use domain::ids::{InvitationId, OrganizationId};
use domain::invitations::{Invitation, InvitationPurpose, InvitationState};
use domain::permissions::{Role, Scope};
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use store::invitations::InvitationFilter;
use store::page::Page;

use crate::changes::{change, organization};
use crate::setup::on_both;

fn invitation(organization: &OrganizationId, hash: &str, email: &str) -> Invitation {
    Invitation {
        id: InvitationId::generate(),
        hash: hash.to_owned(),
        purpose: InvitationPurpose::Invitation,
        email: Some(email.to_owned()),
        user_id: None,
        organization_id: Some(organization.clone()),
        team_id: None,
        role: Some(Role::Member),
        platform_role: None,
        expires_at: TimestampMs(1_000),
        accepted_at: None,
        revoked_at: None,
        stamps: Stamps::now("test"),
    }
}

on_both! {
    async fn a_link_is_used_once_and_before_its_end(store) {
        let acme = organization(store, "Acme").await;
        let one = invitation(&acme, "h1", "ada@example.com");
        change!(store, insert_invitation(&one)).unwrap();
        let found = store.invitation_by_hash("h1").await.unwrap().unwrap();
        assert_eq!(found, one);
        assert_eq!(found.state(TimestampMs(999)), InvitationState::Open);
        assert_eq!(found.state(TimestampMs(1_000)), InvitationState::Expired);
        assert!(!change!(store, take_invitation(&one.id, TimestampMs(1_000))).unwrap());
        assert!(change!(store, take_invitation(&one.id, TimestampMs(999))).unwrap());
        assert!(!change!(store, take_invitation(&one.id, TimestampMs(999))).unwrap());
        let found = store.invitation(one.id.as_str()).await.unwrap().unwrap();
        assert_eq!(found.state(TimestampMs(0)), InvitationState::Accepted);
        let twice = change!(store, insert_invitation(&invitation(&acme, "h1", "b@example.com")));
        assert!(twice.is_err());
    }

    async fn open_ones_are_listed_for_those_who_may_see_them(store) {
        let acme = organization(store, "Acme").await;
        let one = invitation(&acme, "h1", "ada@example.com");
        let mut revoked = invitation(&acme, "h2", "bob@example.com");
        change!(store, insert_invitation(&one)).unwrap();
        change!(store, insert_invitation(&revoked)).unwrap();
        revoked.revoked_at = Some(TimestampMs(5));
        change!(store, update_invitation(&revoked)).unwrap();
        let listed = async |scope: Scope, email: Option<&str>| {
            let filter = InvitationFilter {
                scope,
                open_at: Some(TimestampMs(10)),
                email: email.map(str::to_owned),
            };
            store.invitations(&filter, &Page::first(10)).await.unwrap().items
        };
        let everything = || Scope { everything: true, ..Scope::default() };
        assert_eq!(listed(everything(), None).await, std::slice::from_ref(&one));
        assert_eq!(listed(everything(), Some("ADA@example.com")).await.len(), 1);
        assert!(listed(everything(), Some("bob@example.com")).await.is_empty());
        let of_default = Scope {
            organizations: BTreeSet::from([acme]),
            ..Scope::default()
        };
        assert_eq!(listed(of_default, None).await, [one]);
        assert!(listed(Scope::default(), None).await.is_empty());
    }
}
