"""Sweeps of current over voltage, and how files head them."""
