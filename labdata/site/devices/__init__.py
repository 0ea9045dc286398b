"""Pages of devices: stacks, cells, plans, imported tables of cells."""
