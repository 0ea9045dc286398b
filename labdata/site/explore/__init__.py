"""Pages of questions: relations, populations, overlays."""
