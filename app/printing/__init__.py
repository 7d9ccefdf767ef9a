"""What is printed, as PDF: letters with voting codes, ballot papers, and the guide to a round's proposals."""
