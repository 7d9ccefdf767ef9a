"""The panel: read the proposals, vote, close the round."""
