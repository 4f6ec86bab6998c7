"""Everything that starts something: the API, the command line, the container."""
