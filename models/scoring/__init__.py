"""A score of one candidate, or of some."""
