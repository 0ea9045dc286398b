"""Runs: what they read, how they are computed, which of them stand."""
