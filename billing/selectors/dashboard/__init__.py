"""The billing dashboard: one module per question, all about one `BillingView`."""
