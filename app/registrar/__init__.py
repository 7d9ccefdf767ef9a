"""Registrars: whom they have asked in."""
