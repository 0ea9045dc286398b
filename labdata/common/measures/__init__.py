"""Numbers, units and quantities as people and files write them."""
