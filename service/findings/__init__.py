"""Curated findings in the database: repository, search, statistics, conflicts, imports."""
