"""How well a score would have told who leaves: arithmetic over past observations, without models."""
