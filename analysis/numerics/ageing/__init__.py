"""Numbers of ageing: noise, lifetimes, degradation models, energy yield."""
