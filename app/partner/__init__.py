"""The partner organisation: the risks it shares, what it stands to lose, and its signature."""
