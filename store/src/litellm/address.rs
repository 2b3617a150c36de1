//! The address of LiteLLM's database, as Prisma writes it: with settings that only Prisma knows.

/// An address that we can connect to, and the schema in it.
pub(super) struct Address {
    pub(super) url: String,
    pub(super) schema: String,
}

/// What is a setting of the connection itself; all else (`connection_limit`, `pool_timeout`,
/// `pgbouncer`, `sslaccept` …) is Prisma's.
const KEPT: [&str; 6] = [
    "sslmode",
    "sslrootcert",
    "host",
    "options",
    "application_name",
    "connect_timeout",
];

impl Address {
    pub(super) fn of(url: &str) -> Self {
        let (address, query) = url.split_once('?').unwrap_or((url, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let (mut kept, mut schema) = (Vec::new(), "public".to_owned());
        for (name, value) in pairs {
            if name == "schema" && !value.is_empty() {
                value.clone_into(&mut schema);
            } else if KEPT.contains(&name) {
                kept.push(format!("{name}={value}"));
            }
        }
        Self {
            url: format!("{address}?{}", kept.join("&")),
            schema,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_prisma_knows_is_left_out_and_the_schema_is_read() {
        let of = |url| {
            let Address { url, schema } = Address::of(url);
            (url, schema)
        };
        assert_eq!(
            of(
                "postgresql://u:p@h/db?schema=llm&connection_limit=10&sslmode=require&pool_timeout=5"
            ),
            (
                "postgresql://u:p@h/db?sslmode=require".to_owned(),
                "llm".to_owned()
            )
        );
        assert_eq!(
            of("postgresql://u:p@h/db"),
            ("postgresql://u:p@h/db?".to_owned(), "public".to_owned())
        );
    }
}
