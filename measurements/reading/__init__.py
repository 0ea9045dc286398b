"""From bytes to datasets: detection, conditions, matching, parsing."""
