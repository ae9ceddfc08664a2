"""What people take along and what is removed when they go: export and deletion of everything that is theirs."""
