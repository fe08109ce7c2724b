"""Billing as pages."""
