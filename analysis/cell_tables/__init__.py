"""Tables of cells, one a row: read, understood column by column, and planned."""
