"""Template tags; the settings name each library."""
