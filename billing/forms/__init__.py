"""What people write about money, as forms."""
