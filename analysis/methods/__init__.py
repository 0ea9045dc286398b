"""One analysis per file; each registers itself when imported."""
