"""Pages of the lab itself: home, search, people, projects, labels."""
