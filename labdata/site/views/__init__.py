"""The pages: thin, one module a thing; services write, querysets read."""
