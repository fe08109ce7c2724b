"""What every API endpoint shares: authentication, authorization, errors, pages, the schema."""
