"""What the product does in a second, beside what its database could do at best on the same machine."""
