"""What a candidate is, and how one is parsed."""
