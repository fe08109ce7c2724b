"""Today: who needs somebody, why, and what is next."""
