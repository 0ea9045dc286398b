"""Doubts about a track that its reader notes and its analysis raises."""

from labdata.plugin import Flag

COLUMNS_CONTRADICT = Flag(
    "columns_contradict",
    "columns disagree",
    "Columns of the file that should say the same tell different numbers.",
)
