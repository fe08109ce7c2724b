"""Plain, unsurprising rows for tests."""
