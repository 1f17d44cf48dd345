"""`python -m microsim`: the command line."""

from microsim.cli.main import main

if __name__ == "__main__":
    main()
