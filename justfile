# `just` lists these; none of them does more than its one line says.

# Format, lint and run every test, as CI does.
check:
    ./scripts/test

# The Rust tests alone, or those whose names contain a word: `just test routing`.
test *words:
    cargo test --workspace {{words}}

# Measure beside nginx and LiteLLM; writes bench/RESULTS.md.
bench:
    ./bench/run

# Serve the tutorial's models on port 4000.
run *arguments:
    cargo run --release -- --config examples/tutorial.yaml {{arguments}}
