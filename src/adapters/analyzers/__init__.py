"""Analyzers, one technology a file or folder; importing one never imports another's libraries."""
