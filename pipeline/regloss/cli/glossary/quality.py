"""`regloss glossary lint`, `test` and `check`: is the glossary sound, and do people follow it?"""

import json
from collections.abc import Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from regloss.cli.console import errors
from regloss.cli.glossary.application import (
    EXIT_FOUND_FAULTS,
    GlossaryNames,
    glossary_app,
    print_lines,
    print_table,
    repair_function,
    usage,
    yaml_path,
)
from regloss.glossary import PROJECT_FILE, load_glossary
from regloss.glossary.examples import ExampleFailure, check_examples, count_examples
from regloss.glossary.fixing import fix_file
from regloss.glossary.lint import LintFinding, lint
from regloss.glossary.parallel import read_pairs
from regloss.glossary.usage import TermUsage
from regloss.glossary.usage import usage as term_usage
from regloss.text import number_of

__all__: list[str] = []

_USAGE = ("source", "target", "occurs", "preferred", "admitted", "forbidden", "otherwise", "followed")


class LintFormat(StrEnum):
    """How `glossary lint` prints its findings."""

    TEXT = "text"
    JSON = "json"


@glossary_app.command("lint", epilog=usage("lint", "lint -g terms.yaml --format json", "lint -g terms.yaml --fix"))
def lint_command(
    glossary: GlossaryNames = None,
    style: Annotated[LintFormat, typer.Option("--format", help="How to print the findings.")] = LintFormat.TEXT,
    fix: Annotated[
        bool, typer.Option("--fix", help="First take repeated forms, and forms equal to the target, out of the files.")
    ] = False,
) -> None:
    """Check a glossary for conflicts, cycles, shadowed entries and ambiguous forms. Exit code 1 on errors."""
    if fix:
        for path in _files_to_fix(glossary or ()):
            for line in fix_file(path):
                errors.print(line, markup=False, soft_wrap=True)
    loaded = load_glossary(glossary or ())
    findings = lint(loaded)
    if style is LintFormat.JSON:
        print_lines(json.dumps([_record(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        print_lines(*(f"{f.path}:{f.line}: {f.severity} {f.code}: {f.message}" for f in findings))
        print_lines(
            f"{number_of(len(loaded), 'entry', 'entries')}, {number_of(_count(findings, 'error'), 'error')}, "
            f"{number_of(_count(findings, 'warning'), 'warning')}"
        )
    if _count(findings, "error"):
        raise typer.Exit(EXIT_FOUND_FAULTS)


def _files_to_fix(names: Sequence[str]) -> list[Path]:
    """Return the YAML files that may be changed: those named, else the project's own."""
    if not names:
        return [Path(PROJECT_FILE)] if Path(PROJECT_FILE).exists() else []
    return [yaml_path(Path(name)) for name in names]


@glossary_app.command("test", epilog=usage("test", "test -g zh-en/short-video"))
def run_examples_command(glossary: GlossaryNames = None) -> None:
    """Run the examples of all entries; print those that fail with their differences. Exit code 1 on failures."""
    loaded = load_glossary(glossary or ())
    failures = check_examples(loaded, repair_function(loaded))
    for failure in failures:
        _print_failure(failure)
    told = f"{number_of(count_examples(loaded), 'example')}, {number_of(len(failures), 'failure')}"
    print_lines(f"{told}, glossary {loaded.content_hash}")
    if failures:
        raise typer.Exit(EXIT_FOUND_FAULTS)


@glossary_app.command(
    "check", epilog=usage("check --source zh/ --target en/", "check --target memory.jsonl --fail-under 80")
)
def check_command(
    target: Annotated[Path, typer.Option("--target", metavar="PATH", help="Translations: a file or a folder.")],
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="PATH", help="Their sources; not needed for JSONL that holds them."),
    ] = None,
    glossary: GlossaryNames = None,
    fail_under: Annotated[
        float,
        typer.Option(
            "--fail-under",
            metavar="PERCENT",
            min=0,
            max=100,
            help="Exit code 1 if fewer terms are followed, or none occurs.",
        ),
    ] = 0.0,
    everything: Annotated[bool, typer.Option("--all", help="List terms that do not occur, too.")] = False,
) -> None:
    """Count how translations, such as people's, render the terms: as preferred, admitted, forbidden or otherwise."""
    loaded = load_glossary(glossary or ())
    found = term_usage(loaded.entries, read_pairs(source, target))
    shown = [term for term in found if term.wanted or everything]
    print_table(_USAGE, [_usage_row(term) for term in shown])
    wanted, followed = sum(term.wanted for term in found), sum(term.followed for term in found)
    share = 100 * followed / wanted if wanted else 0.0
    told = f"{followed} of {wanted} term occurrences as the glossary wants ({share:.1f} %), {loaded.content_hash}"
    print_lines(told if wanted else f"no term occurs in the sources; nothing was checked, {loaded.content_hash}")
    if share < fail_under:
        print_lines(f"failed: the limit is {fail_under:g} %")
        raise typer.Exit(EXIT_FOUND_FAULTS)


def _usage_row(term: TermUsage) -> tuple[str, ...]:
    wrong = ", ".join(f"{form} {count}" for form, count in term.forbidden.most_common())
    also = ", ".join(f"{form} {count}" for form, count in term.admitted.most_common())
    share = f"{100 * term.followed / term.wanted:.0f} %" if term.wanted else ""
    entry = term.entry
    return (entry.source, entry.target, str(term.wanted), str(term.preferred), also, wrong, str(term.other), share)


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
