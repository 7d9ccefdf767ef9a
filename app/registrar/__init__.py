"""The registrar: who holds which role, where, and until when."""
