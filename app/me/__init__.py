"""Whoever is signed in: how they sign in, and where they are signed in."""
