"""How a model is made: findings, checks, folds, baselines, fitting and evaluation."""
