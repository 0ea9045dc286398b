"""Pages of processes and protocols."""
