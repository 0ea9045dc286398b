"""What forms of acts share, and what was understood of them."""
