"""The booth: a ballot with a code, without an account; where a ballot is in the log; the round's published files."""
