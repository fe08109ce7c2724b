"""The accounts room's pages."""
