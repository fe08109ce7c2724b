"""The success-insights contract's routes."""
