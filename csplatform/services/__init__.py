"""Changes to the platform's own nouns."""
