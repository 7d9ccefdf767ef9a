"""The community connector: ideas written down for residents who agreed, and what waits for an answer."""
