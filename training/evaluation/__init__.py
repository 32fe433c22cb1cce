"""How good a model is on papers that it never saw: out-of-fold predictions, metrics, intervals, slices and shifts."""
