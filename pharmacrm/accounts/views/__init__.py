"""Pages about people: one module a noun."""
