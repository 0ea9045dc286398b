"""Datasets: in memory, packed, previewed, exported, and in rows."""
