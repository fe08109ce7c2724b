"""The playbooks contract's routes."""
