"""Scores of files: columns of candidates."""
