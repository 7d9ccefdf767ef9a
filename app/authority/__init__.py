"""The authority leader: devolve."""
