//! To which addresses may the gateway connect? Addresses of providers that came through the API.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What lies behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressKind {
    /// Everybody's network.
    Public,
    /// The operator's own network or machine, or nothing that is routed.
    Private,
    /// The service in which a cloud gives its machines credentials, or the link it is on.
    Metadata,
}

/// Who named the address of a provider. Addresses in the operator's file are not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Egress {
    /// A tenant, through the API: public addresses only.
    Tenant,
    /// A platform administrator, through the API: private ones too, never metadata.
    PlatformAdmin,
}

impl Egress {
    /// Whether a connection may be made to this address. To be asked of every address that a name
    /// resolves to, at the moment of connecting.
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match (classify(address), self) {
            (AddressKind::Public, _) | (AddressKind::Private, Self::PlatformAdmin) => true,
            (AddressKind::Private, Self::Tenant) | (AddressKind::Metadata, _) => false,
        }
    }
}

/// Credentials services of clouds and all link-local addresses: AWS, Google, Azure and Oracle
/// (169.254.169.254), AWS over IPv6 (fd00:ec2::254), Google over IPv6 (fd20:ce::254), Azure's
/// platform (168.63.129.16), Alibaba (100.100.100.200), Oracle's older one (192.0.0.192).
const METADATA: [IpNet; 7] = [
    v4([169, 254, 0, 0], 16),
    v4([168, 63, 129, 16], 32),
    v4([100, 100, 100, 200], 32),
    v4([192, 0, 0, 192], 32),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
    v6([0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254], 128),
    v6([0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254], 128),
];

/// Private, shared, loopback, multicast, reserved and benchmark blocks, by IANA's special-purpose
/// registries.
const PRIVATE: [IpNet; 18] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([224, 0, 0, 0], 3),
    // Unspecified, loopback, and IPv4 addresses in the old compatible form.
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96),
    // Translated (NAT64) and tunnelled (Teredo, 6to4) ones: they lead to an IPv4 address.
    v6([0x0064, 0xff9b, 0, 0, 0, 0, 0, 0], 96),
    v6([0x0064, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x0100, 0, 0, 0, 0, 0, 0, 0], 64),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8),
];

const fn v4(octets: [u8; 4], length: u8) -> IpNet {
    let [a, b, c, d] = octets;
    IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length))
}

const fn v6(segments: [u16; 8], length: u8) -> IpNet {
    let [a, b, c, d, e, f, g, h] = segments;
    IpNet::V6(Ipv6Net::new_assert(
        Ipv6Addr::new(a, b, c, d, e, f, g, h),
        length,
    ))
}

/// What lies behind an address. An IPv4 address in IPv6 form is the IPv4 one; one that is carried
/// in a translated or tunnelled address is never public.
#[must_use]
pub fn classify(address: IpAddr) -> AddressKind {
    let address = address.to_canonical();
    let carried = match address {
        IpAddr::V6(v6) => carried_v4(v6).map(IpAddr::V4),
        IpAddr::V4(_) => None,
    };
    let is_in = |blocks: &[IpNet], address: IpAddr| blocks.iter().any(|net| net.contains(&address));
    if is_in(&METADATA, address) || carried.is_some_and(|inner| is_in(&METADATA, inner)) {
        AddressKind::Metadata
    } else if is_in(&PRIVATE, address) {
        AddressKind::Private
    } else {
        AddressKind::Public
    }
}

/// The IPv4 address in a compatible, translated, 6to4 or Teredo address.
fn carried_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, high, low] | [0x0064, 0xff9b, _, _, _, _, high, low] => {
            Some(from(high, low))
        }
        [0x2002, high, low, ..] => Some(from(high, low)),
        [0x2001, 0, _, _, _, _, high, low] => Some(from(!high, !low)),
        _ => None,
    }
}
