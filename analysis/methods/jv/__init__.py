"""Analyses of current-voltage curves and stabilised output."""
