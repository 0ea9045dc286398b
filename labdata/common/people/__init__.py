"""Who may see and do what, and what each person keeps: tokens, drafts, views."""
