"""Pages of runs and values."""
