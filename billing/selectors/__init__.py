"""Answers about money."""
