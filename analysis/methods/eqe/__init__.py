"""Analyses of quantum efficiency spectra."""
