//! One page of a list: what matches, newest first, cut to the page, and counted when asked.

/// Loads a page of `$table`, whose rows become `$entity`. `$matching` is a boxed query of all that
/// matches; it is made anew for the count, since a query can be run only once.
macro_rules! listed {
    ($store:expr, $page:expr, $row:ident of $entity:ident in $table:ident, $matching:expr) => {{
        use crate::schema::$table::dsl;
        let page: &crate::page::Page = $page;
        let mut connection = $store.connect().await?;
        let (rows, total) = crate::connection::on_either!(connection, c => {
            let mut query = $matching;
            query = match page.order {
                None => query.order(dsl::id.desc()),
                Some(order) => query.order(
                    diesel::dsl::sql::<diesel::sql_types::Text>(&order.clause())),
            };
            if let Some(after) = &page.after {
                query = match page.order {
                    None => query.filter(dsl::id.lt(after)),
                    Some(order) => query.filter(
                        diesel::dsl::sql::<diesel::sql_types::Bool>(
                            &order.after(stringify!($table)))
                            .bind::<diesel::sql_types::Text, _>(after.clone())
                            .sql(")")),
                };
            }
            // Which rows comes first: an index may say that, and rows are long.
            let ids: Vec<String> = query
                .offset(page.skip)
                .limit(page.rows())
                .select(dsl::id)
                .load(c)
                .await?;
            let mut rows: Vec<$row> = crate::schema::$table::table
                .filter(dsl::id.eq_any(&ids))
                .order(dsl::id.desc())
                .select(<$row as diesel::SelectableHelper<_>>::as_select())
                .load(c)
                .await?;
            if page.order.is_some() {
                let places: std::collections::HashMap<&str, usize> =
                    ids.iter().enumerate().map(|(place, id)| (id.as_str(), place)).collect();
                rows.sort_by_key(|row| places.get(row.id.as_str()).copied());
            }
            let total = match page.count {
                true => Some(match page.total_when_seen(ids.len()) {
                    Some(total) => total,
                    None => $matching.count().get_result::<i64>(c).await?,
                }),
                false => None,
            };
            (rows, total)
        });
        let items = rows.into_iter().map($entity::try_from);
        Ok(page.cut(items.collect::<crate::error::Result<_>>()?, total))
    }};
}

/// Finds the one row of a query, if there is one.
macro_rules! found {
    ($store:expr, $row:ident of $entity:ident, $query:expr) => {{
        let mut connection = $store.connect().await?;
        let row = crate::connection::on_either!(connection, c => $query
            .select(<$row as diesel::SelectableHelper<_>>::as_select())
            .first(c)
            .await
            .optional()?);
        row.map($entity::try_from).transpose()
    }};
}

/// Finds all that bear one id, chosen or ours: several, where it is chosen and several organizations
/// chose it. Those of `default`, where LiteLLM's clients live, come before the others, oldest first.
macro_rules! called {
    ($store:expr, $row:ident of $entity:ident in $table:ident, $id:expr, $chosen:expr) => {{
        use crate::schema::$table::dsl;
        let id: &str = $id;
        let mut connection = $store.connect().await?;
        let rows: Vec<$row> = crate::connection::on_either!(connection, c =>
            crate::schema::$table::table
                .filter(dsl::id.eq(id).or($chosen.eq(id)))
                .order((
                    dsl::organization_id.eq(domain::ids::DEFAULT_ORGANIZATION).desc(),
                    dsl::id.asc(),
                ))
                .select(<$row as diesel::SelectableHelper<_>>::as_select())
                .load(c)
                .await?);
        rows.into_iter().map($entity::try_from).collect()
    }};
}

/// The three writes of a thing that is found by its id: each notes that data planes read it anew,
/// and, where it may be revoked, whether it is.
macro_rules! written {
    ($word:literal, $row:ident of $entity:ident by $id:ident in $table:ident,
     $insert:ident, $update:ident, $delete:ident
     $(, noted by $note:ident and $note_deleted:ident)?) => {
        impl crate::transaction::Transaction<'_> {
            #[doc = concat!("Adds ", $word, ".")]
            ///
            /// # Errors
            /// [`crate::StoreError::Exists`] when its id or name is taken, and when the database
            /// does not answer.
            pub async fn $insert(&mut self, entity: &$entity) -> crate::error::Result<()> {
                self.touch(crate::transaction::Touched::Level, entity.id.as_str());
                let row = $row::from(entity);
                crate::connection::on_either!(*self.connection()?, c =>
                    diesel::insert_into(crate::schema::$table::table)
                        .values(&row)
                        .execute(c)
                        .await?);
                Ok(())
            }

            #[doc = concat!("Writes ", $word, " as it is now.")]
            ///
            /// # Errors
            /// As when it is added.
            pub async fn $update(&mut self, entity: &$entity) -> crate::error::Result<()> {
                self.touch(crate::transaction::Touched::Level, entity.id.as_str());
                $(self.$note(entity);)?
                let row = $row::from(entity);
                crate::connection::on_either!(*self.connection()?, c =>
                    diesel::update(crate::schema::$table::table.find(entity.id.as_str()))
                        .set(&row)
                        .execute(c)
                        .await?);
                Ok(())
            }

            #[doc = concat!("Removes ", $word, ".")]
            ///
            /// # Errors
            /// [`crate::StoreError::Dangling`] when something still points to it.
            pub async fn $delete(&mut self, id: &$id) -> crate::error::Result<()> {
                self.touch(crate::transaction::Touched::Level, id.as_str());
                $(self.$note_deleted(id).await?;)?
                crate::connection::on_either!(*self.connection()?, c =>
                    diesel::delete(crate::schema::$table::table.find(id.as_str()))
                        .execute(c)
                        .await?);
                Ok(())
            }
        }
    };
}

pub(crate) use {called, found, listed, written};
