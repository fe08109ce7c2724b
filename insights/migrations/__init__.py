"""Tables of the insights room."""
