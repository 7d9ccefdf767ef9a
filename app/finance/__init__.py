"""The finance officer: powers, limits and funds on one page; ratify or refuse."""
