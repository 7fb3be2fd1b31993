"""`regloss glossary lint`, `test` and `check`: is the glossary sound, and do people follow it?"""

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Annotated

import typer

from regloss.cli.glossary.application import (
    EXIT_FOUND_FAULTS,
    GlossaryNames,
    glossary_app,
    print_lines,
    repair_function,
    usage,
)
from regloss.glossary import load_glossary
from regloss.glossary.examples import ExampleFailure, check_examples, count_examples
from regloss.glossary.lint import LintFinding, lint

__all__: list[str] = []


class LintFormat(StrEnum):
    """How `glossary lint` prints its findings."""

    TEXT = "text"
    JSON = "json"


@glossary_app.command("lint", epilog=usage("lint", "lint -g terms.yaml --format json"))
def lint_command(
    glossary: GlossaryNames = None,
    style: Annotated[LintFormat, typer.Option("--format", help="How to print the findings.")] = LintFormat.TEXT,
) -> None:
    """Check a glossary for conflicts, cycles, shadowed entries and ambiguous forms. Exit code 1 on errors."""
    loaded = load_glossary(glossary or ())
    findings = lint(loaded)
    if style is LintFormat.JSON:
        print_lines(json.dumps([_record(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        print_lines(*(f"{f.path}:{f.line}: {f.severity} {f.code}: {f.message}" for f in findings))
        print_lines(
            f"{len(loaded)} entries, {_count(findings, 'error')} errors, {_count(findings, 'warning')} warnings"
        )
    if _count(findings, "error"):
        raise typer.Exit(EXIT_FOUND_FAULTS)


@glossary_app.command("test", epilog=usage("test", "test -g zh-en/short-video"))
def run_examples_command(glossary: GlossaryNames = None) -> None:
    """Run the examples of all entries; print those that fail with their differences. Exit code 1 on failures."""
    loaded = load_glossary(glossary or ())
    failures = check_examples(loaded, repair_function(loaded))
    for failure in failures:
        _print_failure(failure)
    print_lines(f"{count_examples(loaded)} examples, {len(failures)} failures, glossary {loaded.content_hash}")
    if failures:
        raise typer.Exit(EXIT_FOUND_FAULTS)


def _record(finding: LintFinding) -> dict[str, str | int | None]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "message": finding.message,
        "source": finding.source,
        "path": None if finding.path is None else str(finding.path),
        "line": finding.line,
    }


def _count(findings: Sequence[LintFinding], severity: str) -> int:
    return sum(finding.severity == severity for finding in findings)


def _print_failure(failure: ExampleFailure) -> None:
    entry = failure.entry
    print_lines(
        f"{entry.path}:{entry.line}: {entry.source}: {'must stay' if failure.example.keep else 'must be repaired'}"
    )
    print_lines(f"  text  {failure.text}")
    expected, actual = _marked(failure.expected, failure.actual)
    print_lines(f"  - {expected}", f"  + {actual}")


def _marked(expected: str, actual: str) -> tuple[str, str]:
    """Return both sentences with the words that differ in brackets."""
    left, right = expected.split(), actual.split()
    marked: tuple[list[str], list[str]] = ([], [])
    for kind, start, end, other_start, other_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for words, side in ((left[start:end], marked[0]), (right[other_start:other_end], marked[1])):
            if words:
                side.append(" ".join(words) if kind == "equal" else f"[{' '.join(words)}]")
    return " ".join(marked[0]), " ".join(marked[1])
