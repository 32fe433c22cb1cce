"""The shapes of what goes in and out, for parsing, dumping and the OpenAPI document."""
