"""The registrar: who holds which role, where, and until when; and whom they have asked in."""
