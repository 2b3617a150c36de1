//! Narrowing a query by what a filter says. Macros, since a query's type is another one for each
//! database.

/// Keeps what has exactly this id or word in a column, for every one that is asked for.
macro_rules! equal {
    ($query:ident, $($column:expr => $asked:expr),+ $(,)?) => {$(
        if let Some(asked) = &$asked {
            $query = $query.filter($column.eq(asked.as_str()));
        }
    )+};
}

/// Whether a column's text contains the pattern that [`crate::page::containing`] made, in any case.
macro_rules! contains {
    ($column:expr, $pattern:expr) => {
        crate::page::lower($column)
            .like(crate::page::lower($pattern.clone()))
            .escape('\\')
    };
}

/// Keeps what lies in the organizations and teams of a scope, or belongs to its owner; of that only
/// what is in the organization that is looked at. Of a scope of organizations alone, which every
/// administrator of one has, the condition is theirs alone: beside an `OR` no index gives an order,
/// and a list of 100,000 is sorted whole for each page.
macro_rules! within {
    ($query:ident, $scope:expr, organization $organization:expr, team $team:expr $(, owner $owner:expr)?) => {
        if !$scope.everything {
            let of_organizations_alone = !$scope.organizations.is_empty()
                && $scope.teams.is_empty()
                $(&& {
                    let _only_where_there_is_one = stringify!($owner);
                    $scope.owner.is_none()
                })?;
            let organizations = $scope.organizations.iter().map(|id| id.as_str());
            $query = if of_organizations_alone {
                $query.filter($organization.eq_any(organizations))
            } else {
                // With the empty id, which nothing has: SQLite is told `0 = 1` for a list of none, and
                // then uses no index for the rest.
                let teams = $scope.teams.iter().map(|id| id.as_str()).chain([""]);
                $query.filter(
                    $organization
                        .eq_any(organizations.chain([""]))
                        .or($team.eq_any(teams))
                        $(.or($owner.eq($scope.owner.as_ref().map(|id| id.as_str()))))?,
                )
            };
        }
        if let Some(only) = &$scope.within {
            $query = $query.filter($organization.eq(only.as_str()));
        }
    };
}

pub(crate) use {contains, equal, within};
