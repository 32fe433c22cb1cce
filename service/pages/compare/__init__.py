"""`/compare`: candidates side by side, ranked."""
