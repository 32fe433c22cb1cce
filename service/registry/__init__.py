"""Models that are kept, promoted and rolled back, and the imported reference tables."""
