"""Pages of measurements and their files."""
