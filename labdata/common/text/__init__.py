"""How numbers, titles and times stand in a line of text: one rule each, for everyone.

Readers of files, tables of cells and pasted series ask here; how a whole file is laid
out stands in ``measurements.text``.
"""
