"""Processes, workers, the broker, and bytes on their way in."""
