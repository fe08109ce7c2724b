"""Checking what people type about accounts."""
