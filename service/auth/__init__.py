"""Who may do what, and how often: keys, scopes, rate limit, exposure. Knows no Flask."""
