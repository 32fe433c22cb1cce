"""A candidate in, a document out, the same for every door. Knows neither Flask nor the database."""
