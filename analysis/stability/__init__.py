"""What ageing tests tell together: board, ISOS, series, survival."""
