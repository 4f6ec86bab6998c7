"""One folder per port of the core, one file per technology. Only entrypoints.container names them."""
