"""Scores as they are written into files."""
