//! `/ui/keys`: the list, a new key, one key and what is done to it.

mod asked;
mod batches;
mod bulk;
mod change;
mod create;
mod deleted;
mod detail;
mod export;
mod find_by_secret;
pub(super) mod form;
mod levels;
mod line;
mod list;
pub(super) mod model_prices;
mod policy;
mod reset;
mod rows;
mod usage;
mod views;

pub(super) use self::rows::{bar, limit as of_limit, name, used, window_word};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/keys" => list::show, ReadKeys, "Keys, filtered and paged."),
    unshaped_route!(POST "/ui/keys" => create::make, WriteKeys, "Makes a key and shows it this once."),
    unshaped_route!(GET "/ui/keys.csv" => export::table, ReadKeys, "The list of keys as a table."),
    unshaped_route!(POST "/ui/keys/bulk" => bulk::bulk, WriteKeys, "Asks about several keys, and changes them."),
    unshaped_route!(GET "/ui/keys/find" => find_by_secret::ask, ReadKeys, "Asks for a key to find."),
    unshaped_route!(POST "/ui/keys/find" => find_by_secret::find, ReadKeys, "Finds a key by its secret."),
    unshaped_route!(GET "/ui/keys/new" => create::ask, WriteKeys, "The form for a new key."),
    unshaped_route!(POST "/ui/keys/line" => line::show, WriteKeys, "The line for a shell that makes the key of a form."),
    unshaped_route!(GET "/ui/keys/{key_id}" => detail::show, ReadKeys, "A key."),
    unshaped_route!(POST "/ui/keys/{key_id}" => change::update, WriteKeys, "Changes a key."),
    unshaped_route!(GET "/ui/keys/{key_id}/edit" => change::edit, WriteKeys, "The form for a key."),
    unshaped_route!(GET "/ui/keys/{key_id}/block" => change::ask_block, WriteKeys, "Asks whether to block a key."),
    unshaped_route!(POST "/ui/keys/{key_id}/block" => change::block, WriteKeys, "Blocks a key."),
    unshaped_route!(POST "/ui/keys/{key_id}/unblock" => change::unblock, WriteKeys, "Unblocks a key."),
    unshaped_route!(GET "/ui/keys/{key_id}/rotate" => change::ask_rotate, WriteKeys, "Asks how to rotate a key."),
    unshaped_route!(POST "/ui/keys/{key_id}/rotate" => change::rotate, WriteKeys, "Gives a key a new secret and shows it this once."),
    unshaped_route!(GET "/ui/keys/{key_id}/reset-spend" => reset::ask, ResetSpend, "Asks whether a key's spend begins anew."),
    unshaped_route!(POST "/ui/keys/{key_id}/reset-spend" => reset::reset, ResetSpend, "Sets a key's spend to nothing."),
    unshaped_route!(POST "/ui/keys/{deleted_key_id}/restore" => deleted::restore, WriteKeys, "Restores a deleted key."),
    unshaped_route!(GET "/ui/keys/{key_id}/delete" => change::ask_delete, WriteKeys, "Asks whether to delete a key."),
    unshaped_route!(POST "/ui/keys/{key_id}/delete" => change::delete, WriteKeys, "Deletes a key."),
];
