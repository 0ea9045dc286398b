"""Populations: one quantity of many cells, group beside group."""
