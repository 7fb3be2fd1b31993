"""`python -m regloss` is the command `regloss`."""

from regloss.cli import main

if __name__ == "__main__":
    main()
