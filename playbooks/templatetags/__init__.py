"""Template tags of the playbooks room."""
