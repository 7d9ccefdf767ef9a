"""The log for programs: its checkpoint, its tiles, and where witnesses hand in what they signed."""
