"""The curated findings beside a score."""
