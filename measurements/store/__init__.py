"""Raw bytes: kept, found, shown as pictures."""
