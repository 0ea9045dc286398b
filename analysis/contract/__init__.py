"""What analyses declare: their registry, results, quantities and parameters."""
