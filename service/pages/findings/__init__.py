"""`/findings`: the corpus as a person browses it, adds to it, corrects it and imports into it."""
