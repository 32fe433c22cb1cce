"""What is watched: logs, metrics, counted submissions and their drift."""
