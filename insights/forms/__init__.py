"""What people write on the pages that span the rooms."""
