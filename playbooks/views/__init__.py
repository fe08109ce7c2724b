"""Pages about playbooks."""
