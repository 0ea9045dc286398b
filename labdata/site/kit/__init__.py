"""What pages of every subject share."""
