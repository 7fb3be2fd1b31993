"""Write docs/help.md from the commands themselves, so that the page cannot drift.

python docs/generate_help.py [--check]
"""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).with_name("help.md")
INTRODUCTION = """# Command line

Written by `make docs` from the commands' own `--help`.

Results go to stdout, progress and warnings to stderr. Exit codes: 0 fine · 1 gate failed, or `--check` would change
something · 2 bad input or usage, with one clear line and nothing half-written · 3 inconclusive (only where asked for) ·
130 interrupted.
"""


def help_text(*command: str) -> str:
    """Return what ``regloss COMMAND --help`` prints on a terminal of 100 columns."""
    environment = {**os.environ, "COLUMNS": "100", "TERMINAL_WIDTH": "100", "TERM": "dumb", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "regloss", *command, "--help"],
        capture_output=True,
        check=True,
        env=environment,
        encoding="utf-8",
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines()).strip("\n")


def subcommands(text: str) -> list[str]:
    """Return the names in the box of commands of a help text."""
    box = re.search(r"╭─ Commands ─+╮\n(.*?)\n╰", text, re.DOTALL)
    return re.findall(r"^│ ([a-z][a-z-]*)", box.group(1), re.MULTILINE) if box else []


def sections(*command: str) -> list[str]:
    """Return the section of a command and those of its subcommands."""
    text = help_text(*command)
    mine = f"## regloss {' '.join(command)}".rstrip() + f"\n\n```\n{text}\n```\n"
    return [mine, *(section for name in subcommands(text) for section in sections(*command, name))]


def main() -> int:
    """Write the page, or with ``--check`` tell whether it is up to date."""
    page = "\n".join((INTRODUCTION, *sections()))
    if "--check" in sys.argv:
        return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page else 1
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
