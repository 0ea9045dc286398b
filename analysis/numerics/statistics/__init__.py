"""Statistics of groups of values and of survival."""
