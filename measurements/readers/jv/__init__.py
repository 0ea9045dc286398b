"""Readers of current-voltage files."""
