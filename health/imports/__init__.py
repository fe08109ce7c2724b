"""What health imports: daily metrics, with the accounts they are of."""
