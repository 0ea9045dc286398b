"""Pages of samples, batches, series and materials."""
