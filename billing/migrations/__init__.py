"""Migrations of the billing room."""
