"""Readers of quantum efficiency files."""
