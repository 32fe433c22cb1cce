"""A typed name to a known one."""
