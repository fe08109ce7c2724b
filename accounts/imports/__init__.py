"""The files that the accounts room takes in."""
