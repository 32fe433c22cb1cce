"""The fitted model: features, weights, uncertainty, applicability, and how it is kept."""
