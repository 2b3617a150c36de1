//! The aliases of keys, each once.

use diesel::dsl::count;
use diesel::{
    AggregateExpressionMethods, BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods,
    NullableExpressionMethods, QueryDsl, TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::permissions::Scope;

use crate::Store;
use crate::connection::on_either;
use crate::error::Result;
use crate::narrowing::{contains, within};
use crate::page::{Listed, Page, containing};
use crate::schema::virtual_keys;

impl Store {
    /// Lists the aliases of keys that may be seen, each once, in the order of their letters: here
    /// [`Page::after`] is an alias.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn key_aliases(
        &self,
        scope: &Scope,
        search: Option<&str>,
        page: &Page,
    ) -> Result<Listed<String>> {
        macro_rules! matching {
            () => {{
                let mut query = virtual_keys::table
                    .filter(virtual_keys::alias.is_not_null())
                    .into_boxed();
                within!(query, scope, organization virtual_keys::organization_id,
                    team virtual_keys::team_id, owner virtual_keys::user_id);
                if let Some(search) = search {
                    let part = containing(search);
                    query = query.filter(contains!(virtual_keys::alias.assume_not_null(), part));
                }
                query
            }};
        }
        let mut connection = self.connect().await?;
        let (aliases, total) = on_either!(connection, c => {
            let mut query = matching!().order(virtual_keys::alias.asc());
            if let Some(after) = &page.after {
                query = query.filter(virtual_keys::alias.gt(after));
            }
            let aliases: Vec<String> = query
                .offset(page.skip)
                .limit(page.rows())
                .select(virtual_keys::alias.assume_not_null())
                .distinct()
                .load(c)
                .await?;
            let total = match page.count {
                true => Some(match page.total_when_seen(aliases.len()) {
                    Some(total) => total,
                    None => {
                        matching!()
                            .select(count(virtual_keys::alias).aggregate_distinct())
                            .get_result::<i64>(c)
                            .await?
                    }
                }),
                false => None,
            };
            (aliases, total)
        });
        Ok(page.cut(aliases, total))
    }
}
