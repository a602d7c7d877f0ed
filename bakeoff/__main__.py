"""`python -m bakeoff`: the command line."""

import sys

from bakeoff.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
