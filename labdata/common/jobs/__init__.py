"""Background work that survives crashes: rows with leases, the broker a hint."""
