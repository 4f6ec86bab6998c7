"""Answers judged by those who got them: what an id says of its answer, and what becomes of the verdict."""
