"""Numerical cores that many methods share; they know arrays, not techniques."""
