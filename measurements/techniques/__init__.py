"""One technique per file; each registers itself when imported."""
