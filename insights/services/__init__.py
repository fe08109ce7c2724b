"""What happens to insights."""
