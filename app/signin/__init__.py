"""Who are you? In the demonstration, a picker of its people; the real sign-in comes behind the same seam."""
