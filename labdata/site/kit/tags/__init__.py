"""How pages write the lab's things."""
