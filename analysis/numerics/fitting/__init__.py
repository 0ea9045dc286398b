"""Least squares for one fit and for many of one form."""
