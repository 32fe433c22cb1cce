"""`/models`: the registry as a person looks at it, trains, compares, promotes and rolls back."""
