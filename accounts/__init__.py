"""Customers of an organisation, and what people do with them."""
