"""Sums of peaks, their axes, and their fits."""
