"""One file format per file; each registers itself when imported."""
