"""Numbers of solar cells: curves, diodes, spectra, absorption edges."""
