"""Tables of the playbooks room."""
