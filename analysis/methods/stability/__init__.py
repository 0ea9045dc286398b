"""Analyses of ageing tests."""
