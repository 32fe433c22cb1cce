"""From scoring a candidate to proposing some: spaces of candidates, ranked."""
