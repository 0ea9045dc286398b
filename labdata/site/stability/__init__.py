"""Pages of ageing: the board and survival."""
