//! How a word of the domain stands in a column: text, whole number, truth value; JSON is text.

use domain::alerts::{DeliveryState, Matter, TargetKind, TargetName};
use domain::ids::{
    AdjustmentId, AlertId, AlertTargetId, BudgetId, CredentialId, DeliveryId, DeploymentId,
    EndUserId, InvitationId, KeyId, OrganizationId, ProjectId, ServiceAccountId, SessionId, TagId,
    TeamId, TemplateId, UserId,
};
use domain::invitations::InvitationPurpose;
use domain::keys::KeyHash;
use domain::money::NanoUsd;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::sealed::Sealed;
use domain::time::TimestampMs;
use serde_json::{Map, Value};

/// A value and its column.
pub(crate) trait Column: Sized {
    /// The column's own type.
    type Stored;

    /// Into the column.
    fn to_stored(&self) -> Self::Stored;

    /// Out of the column; the text says why it cannot be read.
    fn from_stored(stored: Self::Stored) -> Result<Self, String>;
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl Column for $type {
            type Stored = Self;
            fn to_stored(&self) -> Self {
                self.clone()
            }
            fn from_stored(stored: Self) -> Result<Self, String> {
                Ok(stored)
            }
        }
    )+};
}

plain!(String, bool, i64);

macro_rules! ids {
    ($($type:ty),+) => {$(
        impl Column for $type {
            type Stored = String;
            fn to_stored(&self) -> String {
                self.as_str().to_owned()
            }
            fn from_stored(stored: String) -> Result<Self, String> {
                Ok(Self::new(stored))
            }
        }
    )+};
}

ids!(
    AdjustmentId,
    AlertId,
    AlertTargetId,
    DeliveryId,
    TargetName,
    BudgetId,
    CredentialId,
    DeploymentId,
    EndUserId,
    InvitationId,
    KeyId,
    OrganizationId,
    ProjectId,
    ServiceAccountId,
    SessionId,
    TagId,
    TeamId,
    TemplateId,
    UserId
);

macro_rules! words {
    ($($type:ty),+) => {$(
        impl Column for $type {
            type Stored = String;
            fn to_stored(&self) -> String {
                self.as_str().to_owned()
            }
            fn from_stored(stored: String) -> Result<Self, String> {
                Self::from_word(&stored).ok_or_else(|| format!("`{stored}` is no such word"))
            }
        }
    )+};
}

words!(
    Role,
    PlatformRole,
    TargetKind,
    DeliveryState,
    InvitationPurpose
);

macro_rules! json {
    ($($type:ty),+) => {$(
        impl Column for $type {
            type Stored = String;
            fn to_stored(&self) -> String {
                serde_json::to_string(self).unwrap_or_default()
            }
            fn from_stored(stored: String) -> Result<Self, String> {
                serde_json::from_str(&stored).map_err(|malformed| malformed.to_string())
            }
        }
    )+};
}

json!(Policy, Map<String, Value>, Matter);

impl Column for Sealed {
    type Stored = String;

    fn to_stored(&self) -> String {
        self.as_str().to_owned()
    }

    fn from_stored(stored: String) -> Result<Self, String> {
        Ok(Self::new(stored))
    }
}

impl Column for KeyHash {
    type Stored = String;

    fn to_stored(&self) -> String {
        self.to_string()
    }

    fn from_stored(stored: String) -> Result<Self, String> {
        Self::from_hex(&stored).map_err(|malformed| malformed.to_string())
    }
}

impl Column for TimestampMs {
    type Stored = i64;

    fn to_stored(&self) -> i64 {
        i64::try_from(self.0).unwrap_or(i64::MAX)
    }

    fn from_stored(stored: i64) -> Result<Self, String> {
        u64::try_from(stored)
            .map(Self)
            .map_err(|_negative| format!("{stored} is before 1970"))
    }
}

impl Column for u64 {
    type Stored = i64;

    fn to_stored(&self) -> i64 {
        i64::try_from(*self).unwrap_or(i64::MAX)
    }

    fn from_stored(stored: i64) -> Result<Self, String> {
        Self::try_from(stored).map_err(|_negative| format!("{stored} is below zero"))
    }
}

impl Column for NanoUsd {
    type Stored = i64;

    fn to_stored(&self) -> i64 {
        self.0
    }

    fn from_stored(stored: i64) -> Result<Self, String> {
        Ok(Self(stored))
    }
}

impl<T: Column> Column for Option<T> {
    type Stored = Option<T::Stored>;

    fn to_stored(&self) -> Self::Stored {
        self.as_ref().map(T::to_stored)
    }

    fn from_stored(stored: Self::Stored) -> Result<Self, String> {
        stored.map(T::from_stored).transpose()
    }
}

/// A row of a table for one word of the domain: columns bear the names of its fields, the first
/// of which is its id, and its stamps are the last four.
macro_rules! row {
    ($row:ident of $entity:ident in $table:ident {
        $id:ident: $id_type:ty, $($field:ident: $type:ty),+ $(,)?
    }) => {
        #[derive(
            diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset,
        )]
        #[diesel(table_name = crate::schema::$table, treat_none_as_null = true)]
        pub(crate) struct $row {
            $id: <$id_type as crate::column::Column>::Stored,
            $($field: <$type as crate::column::Column>::Stored,)+
            created_at_ms: i64,
            created_by: String,
            updated_at_ms: i64,
            updated_by: String,
        }

        impl From<&$entity> for $row {
            fn from(entity: &$entity) -> Self {
                Self {
                    $id: crate::column::Column::to_stored(&entity.$id),
                    $($field: crate::column::Column::to_stored(&entity.$field),)+
                    created_at_ms: crate::column::Column::to_stored(&entity.stamps.created_at),
                    created_by: entity.stamps.created_by.clone(),
                    updated_at_ms: crate::column::Column::to_stored(&entity.stamps.updated_at),
                    updated_by: entity.stamps.updated_by.clone(),
                }
            }
        }

        impl TryFrom<$row> for $entity {
            type Error = crate::error::StoreError;

            fn try_from(row: $row) -> crate::error::Result<Self> {
                let name = row.$id.clone();
                let unreadable = |column: &'static str| {
                    let id = name.clone();
                    move |cause: String| crate::error::StoreError::Unreadable { column, id, cause }
                };
                Ok(Self {
                    $id: crate::column::Column::from_stored(row.$id)
                        .map_err(unreadable(stringify!($id)))?,
                    $($field: crate::column::Column::from_stored(row.$field)
                        .map_err(unreadable(stringify!($field)))?,)+
                    stamps: domain::stamps::Stamps {
                        created_at: crate::column::Column::from_stored(row.created_at_ms)
                            .map_err(unreadable("created_at_ms"))?,
                        created_by: row.created_by,
                        updated_at: crate::column::Column::from_stored(row.updated_at_ms)
                            .map_err(unreadable("updated_at_ms"))?,
                        updated_by: row.updated_by,
                    },
                })
            }
        }
    };
}

pub(crate) use row;
