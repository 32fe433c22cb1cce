"""Files of candidates scored: read in pieces, scored in columns by several workers, written in order, whole or not at all."""
