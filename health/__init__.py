"""How each account is doing: what it uses every day, how that is scored, and why."""
