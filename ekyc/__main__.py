"""`python -m ekyc`: the same as the console script."""

from ekyc.cli import main

main()
