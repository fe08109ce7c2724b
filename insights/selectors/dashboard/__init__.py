"""The account-management dashboard: one module per question, one `PortfolioView` that they all ask about."""
