"""The import engine: a file of rows in, a report in words out. Rooms register their kinds of import."""
