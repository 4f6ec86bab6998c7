"""One folder per port of the core, one file per technology. Only entrypoints' container and analyzers name them."""
