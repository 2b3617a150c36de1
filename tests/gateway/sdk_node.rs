//! The official Node SDK and the AI SDK as callers of the real binary.

use harness::clients::installed;

use crate::sdk_python::run;

#[tokio::test]
async fn the_node_sdks_work_unchanged() {
    let _sdk = installed("node/node_modules/openai/package.json");
    // Node looks for packages beside the script that asks for them.
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/node/sdk.mjs");
    let script = installed("node").join("sdk.mjs");
    std::fs::copy(source, &script).unwrap();
    run("node".into(), script).await;
}
