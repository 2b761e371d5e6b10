"""`python -m ivr` is `pikett`."""

from ivr.cli import main

if __name__ == "__main__":
    main()
