"""Tracks over time, and how files head them."""
