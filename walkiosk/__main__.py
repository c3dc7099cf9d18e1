"""`python -m walkiosk` is `walkiosk`."""

from walkiosk.cli import main

main()
