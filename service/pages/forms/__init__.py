"""The form of a candidate, and the fields that forms are made of."""
