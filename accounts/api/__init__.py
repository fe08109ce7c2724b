"""The accounts room's API."""
