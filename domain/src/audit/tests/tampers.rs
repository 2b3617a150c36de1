//! Whatever is done to the log without the key is found.

use proptest::prelude::*;

use super::*;

/// One thing done to the log by somebody who can write the database but has not the key.
#[derive(Clone, Debug)]
enum Tamper {
    Edit {
        at: usize,
        column: usize,
    },
    Delete {
        at: usize,
    },
    Insert {
        at: usize,
        from: usize,
        renumber: bool,
    },
    Swap {
        one: usize,
        other: usize,
        numbers_stay: bool,
    },
    Truncate {
        to: usize,
    },
    Renumber {
        at: usize,
        by: i64,
    },
    DeleteAndCloseUp {
        at: usize,
    },
}

fn tampers() -> impl Strategy<Value = Tamper> {
    let at = 0_usize..1_000;
    prop_oneof![
        4 => (at.clone(), 0_usize..17).prop_map(|(at, column)| Tamper::Edit { at, column }),
        1 => at.clone().prop_map(|at| Tamper::Delete { at }),
        1 => (at.clone(), at.clone(), any::<bool>())
            .prop_map(|(at, from, renumber)| Tamper::Insert { at, from, renumber }),
        1 => (at.clone(), at.clone(), any::<bool>())
            .prop_map(|(one, other, numbers_stay)| Tamper::Swap { one, other, numbers_stay }),
        1 => at.clone().prop_map(|to| Tamper::Truncate { to }),
        1 => (at.clone(), 1_i64..50).prop_map(|(at, by)| Tamper::Renumber { at, by }),
        1 => at.prop_map(|at| Tamper::DeleteAndCloseUp { at }),
    ]
}

/// Changes one column for certain.
fn edit(row: &mut ChainedEntry, column: usize) {
    fn more(text: &mut Option<String>) {
        *text = text
            .take()
            .map_or(Some(String::new()), |text| Some(text + " "));
    }
    let entry = &mut row.entry;
    match column {
        0 => entry.at.0 += 1,
        1 => more(&mut entry.organization_id),
        2 => entry.actor_kind.push('x'),
        3 => entry.actor_id.push('x'),
        4 => entry.address = None,
        5 => more(&mut entry.session_id),
        6 => entry.action.push('x'),
        7 => entry.object_kind.clear(),
        8 => entry.object_id.push('x'),
        9 => entry.before = None,
        10 => more(&mut entry.after),
        11 => more(&mut entry.request_id),
        12 => more(&mut entry.reason),
        13 => more(&mut entry.team_id),
        14 => more(&mut entry.on_behalf_of),
        15 => row.mac = key().chain(row.mac, 0, entry),
        _ => row.mac = Mac::GENESIS,
    }
}

fn renumber(entries: &mut [ChainedEntry]) {
    for (row, number) in entries.iter_mut().zip(1..) {
        row.sequence = number;
    }
}

fn tamper(mut entries: Vec<ChainedEntry>, how: &Tamper) -> Vec<ChainedEntry> {
    let length = entries.len();
    match *how {
        Tamper::Edit { at, column } => edit(&mut entries[at % length], column),
        Tamper::Delete { at } => drop(entries.remove(at % length)),
        Tamper::Insert {
            at,
            from,
            renumber: anew,
        } => {
            let copy = entries[from % length].clone();
            entries.insert(at % (length + 1), copy);
            if anew {
                renumber(&mut entries);
            }
        }
        Tamper::Swap {
            one,
            other,
            numbers_stay,
        } => {
            let one = one % length;
            let other = if other % length == one {
                (one + 1) % length
            } else {
                other % length
            };
            entries.swap(one, other);
            if numbers_stay {
                renumber(&mut entries);
            }
        }
        Tamper::Truncate { to } => entries.truncate(to % length),
        Tamper::Renumber { at, by } => entries[at % length].sequence += by,
        Tamper::DeleteAndCloseUp { at } => {
            entries.remove(at % length);
            renumber(&mut entries);
        }
    }
    entries
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_thousand_random_tampers_are_all_found(length in 2_u64..40, how in tampers()) {
        let (entries, anchors) = log(length);
        prop_assert_eq!(faults(&entries, &anchors), vec![]);
        let touched = tamper(entries.clone(), &how);
        prop_assert_ne!(&touched, &entries);
        prop_assert_ne!(faults(&touched, &anchors), vec![]);
    }
}
