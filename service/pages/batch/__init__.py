"""`/batch`: a file of candidates sent, looked at, scored, watched and fetched."""
