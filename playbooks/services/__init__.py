"""What happens to playbooks."""
