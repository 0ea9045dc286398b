"""Pictures of stacks, lineage and thermal programmes."""
