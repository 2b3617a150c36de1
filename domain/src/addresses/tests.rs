//! What allowed addresses and the check of providers' addresses promise.

use proptest::prelude::*;

use std::net::Ipv4Addr;

use super::*;

fn allowed(text: &str) -> AllowedAddresses {
    text.parse().unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn an_empty_list_allows_everything() {
    assert!(allowed("").is_empty());
    assert!(allowed("").contains(address("203.0.113.9")));
    assert!(AllowedAddresses::default().contains(address("::1")));
}

#[test]
fn only_what_is_listed_may_be_used() {
    let list = allowed("203.0.113.9, 10.0.0.0/8 2001:db8::/32");
    for text in [
        "203.0.113.9",
        "10.255.0.1",
        "2001:db8:1::7",
        "::ffff:10.1.2.3",
    ] {
        assert!(list.contains(address(text)), "{text}");
    }
    for text in [
        "203.0.113.10",
        "11.0.0.0",
        "2001:db9::",
        "::ffff:11.1.2.3",
        "::1",
    ] {
        assert!(!list.contains(address(text)), "{text}");
    }
}

#[test]
fn a_block_in_mapped_form_is_the_block_of_ipv4_addresses() {
    let list = allowed("::ffff:10.0.0.0/104 ::ffff:203.0.113.9");
    assert_eq!(list, allowed("10.0.0.0/8 203.0.113.9"));
    assert!(list.contains(address("10.9.9.9")));
    assert!(list.contains(address("::ffff:203.0.113.9")));
}

#[test]
fn slips_are_told() {
    for text in ["10.0.0", "10.0.0.0/33", "example.com", "10.0.0.0/8/8", "*"] {
        let refused = text.parse::<AllowedAddresses>();
        assert_eq!(refused, Err(NotAnAddress::Form(text.to_owned())));
    }
    let refused = "10.0.0.5/8".parse::<AllowedAddresses>().unwrap_err();
    assert!(refused.to_string().contains("write `10.0.0.0/8`"));
}

#[test]
fn in_json_it_is_a_list_of_texts() {
    let list: AllowedAddresses = serde_json::from_str(r#"["203.0.113.9","10.0.0.0/8"]"#).unwrap();
    let json = serde_json::to_string(&list).unwrap();
    assert_eq!(json, r#"["203.0.113.9","10.0.0.0/8"]"#);
    assert_eq!(list.to_string(), "203.0.113.9, 10.0.0.0/8");
    assert!(serde_json::from_str::<AllowedAddresses>(r#"["nowhere"]"#).is_err());
}

#[test]
fn a_grant_of_addresses_is_never_wider_than_the_granters() {
    let granter = allowed("10.0.0.0/8");
    assert!(allowed("10.1.0.0/16 10.2.3.4").is_within(&granter));
    assert!(!allowed("10.1.0.0/16 11.0.0.0/8").is_within(&granter));
    assert!(!allowed("").is_within(&granter));
    assert!(!allowed("0.0.0.0/0").is_within(&granter));
    assert!(allowed("").is_within(&allowed("")));
}

#[test]
fn metadata_services_are_nobodys() {
    let texts = [
        "169.254.169.254",
        "169.254.0.1",
        "168.63.129.16",
        "100.100.100.200",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "febf::1",
        "::ffff:169.254.169.254",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:1234::5601:5601",
    ];
    for text in texts {
        assert_eq!(classify(address(text)), AddressKind::Metadata, "{text}");
        assert!(!Egress::PlatformAdmin.allows(address(text)), "{text}");
        assert!(!Egress::Tenant.allows(address(text)), "{text}");
    }
}

#[test]
fn private_addresses_are_the_platform_administrators() {
    let texts = [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fc00::1",
        "fdff::1",
        "fec0::1",
        "ff02::1",
        "64:ff9b::1.1.1.1",
        "2002:101:101::",
        "2001::1",
        "::ffff:127.0.0.1",
        "::ffff:192.168.0.1",
        "::1.1.1.1",
    ];
    for text in texts {
        assert_eq!(classify(address(text)), AddressKind::Private, "{text}");
        assert!(Egress::PlatformAdmin.allows(address(text)), "{text}");
        assert!(!Egress::Tenant.allows(address(text)), "{text}");
    }
}

#[test]
fn public_addresses_are_everybodys() {
    let texts = [
        "1.1.1.1",
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "168.63.129.17",
        "192.169.0.0",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "::ffff:1.1.1.1",
    ];
    for text in texts {
        assert_eq!(classify(address(text)), AddressKind::Public, "{text}");
        assert!(Egress::Tenant.allows(address(text)), "{text}");
    }
}

proptest! {
    #[test]
    fn the_form_of_an_address_does_not_change_what_it_is(bits: u32) {
        let v4 = Ipv4Addr::from(bits);
        let mapped = IpAddr::V6(v4.to_ipv6_mapped());
        prop_assert_eq!(classify(mapped), classify(IpAddr::V4(v4)));
        let list = AllowedAddresses::parse([v4.to_string().as_str()]).unwrap();
        prop_assert!(list.contains(mapped));
    }

    #[test]
    fn what_is_shown_is_what_was_read(v4: u32, v6: u128, short in 0_u8..=32, long in 0_u8..=128) {
        let blocks = [
            IpNet::new(IpAddr::V4(v4.into()), short).unwrap().trunc().to_string(),
            IpNet::new(IpAddr::V6(v6.into()), long).unwrap().trunc().to_string(),
        ];
        let list = AllowedAddresses::parse(blocks.iter().map(String::as_str)).unwrap();
        prop_assert_eq!(list.to_string().parse::<AllowedAddresses>(), Ok(list));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[0-9a-f:./, ]{0,40}") {
        if let Ok(list) = text.parse::<AllowedAddresses>() {
            prop_assert_eq!(list.to_string().parse::<AllowedAddresses>(), Ok(list));
        }
    }
}
