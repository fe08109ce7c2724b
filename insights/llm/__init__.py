"""A language model as a writer: it sees facts with ids, and of what it says only what the facts bear out is kept."""
