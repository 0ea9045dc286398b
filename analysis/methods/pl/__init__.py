"""Analyses of photoluminescence spectra."""
