"""Runs and values as pages show them."""
