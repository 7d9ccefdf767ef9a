"""The clerks: strips taken in, papers entered twice by two people, and a third's decision where they differ."""
