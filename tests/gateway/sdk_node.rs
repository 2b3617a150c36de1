//! The official Node SDK and the AI SDK as callers of the real binary.

use crate::sdk_python::{installed, run};

#[tokio::test]
async fn the_node_sdks_work_unchanged() {
    // The script lies beside the installed packages, because that is where Node looks for them.
    installed("node/node_modules/openai/package.json");
    run("node".into(), installed("node/sdk.mjs")).await;
}
