"""The command line: each command parses, calls one importable function, prints.

Results go to stdout, progress and warnings to stderr. Exit codes: 0 fine, 1 gate failed or something would change,
2 bad input or usage, 3 inconclusive, 130 interrupted.
"""

from regloss.cli.app import main

__all__ = ["main"]
