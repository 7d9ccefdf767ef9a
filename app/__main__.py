"""`python -m app` is the command `commonpurse`."""

from app.commands import main

if __name__ == "__main__":
    main()
