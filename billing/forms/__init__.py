"""What people write about money, as forms."""

"""Forms of the billing room."""
