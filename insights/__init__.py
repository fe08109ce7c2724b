"""Insights: the read side over every other room, and the words written about it."""
