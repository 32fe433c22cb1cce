"""The controlled terms of every field, and their spellings."""
