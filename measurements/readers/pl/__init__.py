"""Readers of photoluminescence files."""
