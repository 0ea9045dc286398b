"""Readers of tables of any technique."""
