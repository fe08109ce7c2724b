"""What billing imports: invoices that were issued elsewhere, and payments."""
