"""Statements that the site owes its readers: accessibility, cookies, how to read it."""
