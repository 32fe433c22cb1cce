"""The data that is learned from: findings, the files that hold them, their checks, and the papers they cite."""
