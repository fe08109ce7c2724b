"""Answers that span every room: portfolio, account overview, lists for the contract."""
