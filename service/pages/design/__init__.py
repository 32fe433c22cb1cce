"""`/design`: from what is at hand to a shortlist of candidates, and what to test first."""
