"""Decorators of the Analyzer port, one a file, each named after what it does."""
