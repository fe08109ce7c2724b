"""The demo: a believable cloud provider and its customers, the same for the same seed and day."""
