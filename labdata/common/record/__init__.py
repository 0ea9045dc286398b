"""The record of changes: history, differences, what was asked before."""
