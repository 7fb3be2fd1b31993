"""`regloss glossary`: look into, change, check and exchange glossaries."""

import json
import sys
from collections.abc import Sequence
from difflib import SequenceMatcher, get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from regloss.cli.console import errors, output
from regloss.document import Document, Relation, Segment, Span
from regloss.errors import UsageError
from regloss.glossary import PROJECT_FILE, CaseRule, Forbidden, Glossary, Kind, TermEntry, load_glossary, read_file
from regloss.glossary.examples import ExampleFailure, RepairFunction, check_examples, count_examples
from regloss.glossary.lint import LintFinding, lint
from regloss.glossary.tabular import export_table, guess_kind
from regloss.glossary.yaml_edit import add_entry, remove_entry, render_entry, write_yaml
from regloss.glossary.yaml_file import default_case
from regloss.text import fold

__all__ = ["glossary_app"]

EXIT_FOUND_FAULTS = 1
_YAML = (".yaml", ".yml")

glossary_app = typer.Typer(
    name="glossary",
    help="Look into, change, check and exchange glossaries.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

GlossaryNames = Annotated[
    list[str] | None,
    typer.Option(
        "--glossary",
        "-g",
        metavar="G",
        help="A bundled name (zh-en/short-video) or a .yaml, .csv, .tsv or .tbx file; repeatable. "
        "Without it: the bundled zh-en glossaries, yours, and the project's.",
        show_default=False,
    ),
]
GlossaryFile = Annotated[
    Path, typer.Option("--glossary", "-g", metavar="FILE", help="The YAML glossary to change; made if it is not there.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")]


class LintFormat(StrEnum):
    """How `glossary lint` prints its findings."""

    TEXT = "text"
    JSON = "json"


def _examples(*commands: str) -> str:
    # A blank line keeps each command on a line of its own in the help page.
    return "\n\n".join(("Examples:", *(f"regloss glossary {command}" for command in commands)))


@glossary_app.command(
    "list", epilog=_examples("list --domain short-video", 'list --search "hand"', "list -g terms.tsv")
)
def list_command(
    glossary: GlossaryNames = None,
    domain: Annotated[str, typer.Option("--domain", help="Only entries of this domain.", show_default=False)] = "",
    search: Annotated[
        str, typer.Option("--search", help="Only entries with this text in a term.", show_default=False)
    ] = "",
) -> None:
    """List the entries in force: source, target, forbidden forms, kind, domain, layer."""
    loaded = load_glossary(glossary or ())
    domains = sorted({entry.domain for entry in loaded.entries})
    if domain and domain not in domains:
        raise UsageError(f"no entry has the domain {domain!r}; domains: {', '.join(domains) or 'none'}")
    entries = [
        e for e in loaded.entries if domain in ("", e.domain) and any(fold(search) in fold(t) for t in _terms(e))
    ]
    _print_table(entries)
    _print(f"{len(entries)} of {len(loaded)} entries, glossary {loaded.content_hash}")


@glossary_app.command("show", epilog=_examples("show 快手", 'show "quick hands"'))
def show_command(
    term: Annotated[str, typer.Argument(metavar="TERM", help="A source term, a target or a forbidden form.")],
    glossary: GlossaryNames = None,
) -> None:
    """Show the entries that have a term, as YAML with the place where each stands."""
    loaded = load_glossary(glossary or ())
    found = [entry for entry in loaded.entries if fold(term) in map(fold, _terms(entry))]
    if not found:
        known = [text for entry in loaded.entries for text in _terms(entry)]
        close = ", ".join(get_close_matches(term, dict.fromkeys(known), 3))
        raise UsageError(f"no entry has the term {term!r}; {f'close: {close}' if close else 'see glossary list'}")
    for entry in found:
        _print(f"# {entry.path}:{entry.line} ({entry.layer})", render_entry(entry).rstrip("\n"))


@glossary_app.command(
    "add",
    epilog=_examples(
        'add 快手 Kuaishou --forbidden "quick hands" --forbidden Kaishou',
        "add 主播 streamer --kind noun --admitted host --glossary terms.yaml",
        'add 快手 Kuaishou --forbidden "fast hands" --merge',
    ),
)
def add_command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source term.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="The preferred target term.")],
    forbidden: Annotated[
        list[str] | None,
        typer.Option("--forbidden", "-f", metavar="F", help="A known wrong rendering; repeatable.", show_default=False),
    ] = None,
    kind: Annotated[
        Kind | None,
        typer.Option("--kind", help="What the target is; guessed from its capitals if not given.", show_default=False),
    ] = None,
    case: Annotated[
        CaseRule | None,
        typer.Option("--case", help="How it is spelled; by default fixed for a name.", show_default=False),
    ] = None,
    domain: Annotated[
        str, typer.Option("--domain", help="Subject field; by default that of the file.", show_default=False)
    ] = "",
    admitted: Annotated[
        list[str] | None,
        typer.Option("--admitted", "-a", metavar="T", help="A target also accepted; repeatable.", show_default=False),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="A line for people.", show_default=False)] = "",
    merge: Annotated[
        bool, typer.Option("--merge", help="If SOURCE has an entry, add the forbidden forms to it.")
    ] = False,
    glossary: GlossaryFile = Path(PROJECT_FILE),
) -> None:
    """Add an entry to a glossary file; comments, order and layout of the file stay."""
    known_kind = kind or guess_kind(target)
    entry = TermEntry(
        source=source.strip(),
        target=target.strip(),
        admitted=tuple(text.strip() for text in admitted or ()),
        forbidden=tuple(Forbidden(text.strip()) for text in forbidden or ()),
        kind=known_kind,
        case=case or default_case(known_kind),
        domain=domain,
        note=note,
    )
    line = add_entry(_yaml_path(glossary), entry, merge=merge)
    _print(f"{glossary}:{line}: {source} → {target}")


@glossary_app.command("remove", epilog=_examples("remove 快手", "remove 快手 --glossary terms.yaml"))
def remove_command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source term.")],
    glossary: GlossaryFile = Path(PROJECT_FILE),
) -> None:
    """Remove an entry from a glossary file; all else in the file stays."""
    entry = remove_entry(_yaml_path(glossary), source)
    _print(f"{glossary}:{entry.line}: removed {entry.source} → {entry.target}")


@glossary_app.command("lint", epilog=_examples("lint", "lint -g terms.yaml --format json"))
def lint_command(
    glossary: GlossaryNames = None,
    style: Annotated[LintFormat, typer.Option("--format", help="How to print the findings.")] = LintFormat.TEXT,
) -> None:
    """Check a glossary for conflicts, cycles, shadowed entries and ambiguous forms. Exit code 1 on errors."""
    loaded = load_glossary(glossary or ())
    findings = lint(loaded)
    if style is LintFormat.JSON:
        _print(json.dumps([_record(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        _print(*(f"{f.path}:{f.line}: {f.severity} {f.code}: {f.message}" for f in findings))
        _print(f"{len(loaded)} entries, {_count(findings, 'error')} errors, {_count(findings, 'warning')} warnings")
    if _count(findings, "error"):
        raise typer.Exit(EXIT_FOUND_FAULTS)


@glossary_app.command("test", epilog=_examples("test", "test -g zh-en/short-video"))
def run_examples_command(glossary: GlossaryNames = None) -> None:
    """Run the examples of all entries; print those that fail with their differences. Exit code 1 on failures."""
    loaded = load_glossary(glossary or ())
    failures = check_examples(loaded, _repair_function(loaded))
    for failure in failures:
        _print_failure(failure)
    _print(f"{count_examples(loaded)} examples, {len(failures)} failures, glossary {loaded.content_hash}")
    if failures:
        raise typer.Exit(EXIT_FOUND_FAULTS)


@glossary_app.command("import", epilog=_examples("import terms.tsv -o terms.yaml", "import export.tbx -o terms.yaml"))
def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A .csv, .tsv, .tbx or .yaml glossary.")],
    out: Annotated[Path, typer.Option("--output", "-o", metavar="YAML", help="The YAML glossary to write.")],
    force: Force = False,
) -> None:
    """Turn a table or a TBX file into a YAML glossary."""
    path = _free(_yaml_path(out), force=force)
    entries = read_file(file)
    write_yaml(path, entries)
    _print(f"{out}: {len(entries)} entries")


@glossary_app.command("export", epilog=_examples("export -o terms.csv", "export -g zh-en/short-video -o terms.tsv"))
def export_command(
    out: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="A .csv, .tsv or .yaml file to write.")],
    glossary: GlossaryNames = None,
    force: Force = False,
) -> None:
    """Write the entries in force to one file; what the format cannot hold is said on stderr."""
    path = _free(out, force=force)
    suffix = out.suffix.lower()
    entries = load_glossary(glossary or ()).entries
    if suffix in _YAML:
        write_yaml(path, entries)
    elif suffix in (".csv", ".tsv"):
        for loss in export_table(entries, path):
            errors.print(f"warning: {loss}", style="yellow", markup=False, soft_wrap=True)
    else:
        raise UsageError(f"{out} names no format that can be written; use .csv, .tsv or .yaml")
    _print(f"{out}: {len(entries)} entries")


def _yaml_path(path: Path) -> Path:
    if path.suffix.lower() not in _YAML:
        raise UsageError(f"{path} is no YAML file; give a path that ends in .yaml")
    return path


def _free(path: Path, *, force: bool) -> Path:
    if path.is_dir():
        raise UsageError(f"{path} is a folder; give a file to write")
    if path.exists() and not force:
        raise UsageError(f"{path} exists; give another name, or --force to replace it")
    return path


def _terms(entry: TermEntry) -> tuple[str, ...]:
    return (entry.source, entry.target, *entry.admitted, *(forbidden.form for forbidden in entry.forbidden))


def _print(*lines: str) -> None:
    for line in lines:
        output.print(line, markup=False, soft_wrap=True)


def _print_table(entries: Sequence[TermEntry]) -> None:
    table = Table("source", "target", "forbidden", "kind", "domain", "layer")
    for entry in entries:
        forms = ", ".join(forbidden.form for forbidden in entry.forbidden)
        cells = (entry.source, entry.target, forms, entry.kind.value, entry.domain, entry.layer)
        table.add_row(*map(escape, cells))
    # A file or a pipe has no width: a line that is cut there could not be searched.
    if not output.is_terminal:
        table.width = Measurement.get(output, output.options.update(max_width=sys.maxsize), table).maximum
    output.print(table, crop=False)


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


def _repair_function(glossary: Glossary) -> RepairFunction:
    # `regloss.repair.repair_text` with the glossary made ready once instead of for every example.
    from regloss.repair import Repairer

    repairer = Repairer(glossary)

    def repair(text: str, source: str | None) -> str:
        document = Document("example", text, (Span(0, len(text)),), source=source)
        segments = None if source is None else (Segment("s1", 0, len(text), text, source),)
        return repairer.apply(document, repairer.edits(document, segments, Relation.PARALLEL))

    return repair


def _print_failure(failure: ExampleFailure) -> None:
    entry = failure.entry
    _print(f"{entry.path}:{entry.line}: {entry.source}: {'must stay' if failure.example.keep else 'must be repaired'}")
    _print(f"  text  {failure.text}")
    expected, actual = _marked(failure.expected, failure.actual)
    _print(f"  - {expected}", f"  + {actual}")


def _marked(expected: str, actual: str) -> tuple[str, str]:
    """Return both sentences with the words that differ in brackets."""
    left, right = expected.split(), actual.split()
    marked: tuple[list[str], list[str]] = ([], [])
    for kind, start, end, other_start, other_end in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for words, side in ((left[start:end], marked[0]), (right[other_start:other_end], marked[1])):
            if words:
                side.append(" ".join(words) if kind == "equal" else f"[{' '.join(words)}]")
    return " ".join(marked[0]), " ".join(marked[1])
