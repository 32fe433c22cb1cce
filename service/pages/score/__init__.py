"""`/`: a candidate described in a form, and judged."""
