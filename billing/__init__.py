"""Money: what accounts pay, owe and are invoiced."""
