"""Readers of tracks over time."""
