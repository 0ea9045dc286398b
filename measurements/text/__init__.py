"""Text of instruments: encodings, tables, columns."""
