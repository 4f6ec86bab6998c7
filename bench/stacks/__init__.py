"""What is measured: each module is a server process, ``python -m bench.stacks.NAME PORT``."""
