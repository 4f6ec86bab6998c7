"""The benchmark: every claim of speed as a ratio of one run, beside its target. README.md says how to read it."""
