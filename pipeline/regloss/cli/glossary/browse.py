"""`regloss glossary list`, `show`, `diff` and `stats`: looking into glossaries."""

from collections.abc import Sequence
from difflib import get_close_matches, ndiff
from typing import Annotated

import typer

from regloss.cli.glossary.application import (
    EXIT_FOUND_FAULTS,
    GlossaryNames,
    glossary_app,
    print_lines,
    print_table,
    usage,
)
from regloss.errors import UsageError
from regloss.glossary import Kind, TermEntry, load_glossary
from regloss.glossary.diff import compare
from regloss.glossary.forms import derive_forms
from regloss.glossary.yaml_edit import render_entry
from regloss.text import fold

__all__: list[str] = []

_STATISTICS = ("domain", "entries", "forbidden", "surfaces", "guarded", "examples", "guarded, no example")


@glossary_app.command("list", epilog=usage("list --domain short-video", 'list --search "hand"', "list -g terms.tsv"))
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
    _print_entries(entries)
    print_lines(f"{len(entries)} of {len(loaded)} entries, glossary {loaded.content_hash}")


@glossary_app.command("show", epilog=usage("show 快手", 'show "quick hands"'))
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
        print_lines(f"# {entry.path}:{entry.line} ({entry.layer})", render_entry(entry).rstrip("\n"))


@glossary_app.command("diff", epilog=usage("diff old.yaml new.yaml", "diff zh-en terms.tsv"))
def diff_command(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A bundled name or a glossary file.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Another one.")],
) -> None:
    """Show which entries one glossary has more, less or otherwise than another. Exit code 1 if they differ."""
    old, new = load_glossary([before]), load_glossary([after])
    found = compare(old, new)
    print_lines(*(f"- {entry.source} → {entry.target}" for entry in found.removed))
    print_lines(*(f"+ {entry.source} → {entry.target}" for entry in found.added))
    for change in found.changed:
        print_lines(f"~ {change.after.source} → {change.after.target}")
        was, now = (render_entry(entry).splitlines() for entry in (change.before, change.after))
        print_lines(*(f"    {line}" for line in ndiff(was, now) if line.startswith(("- ", "+ "))))
    counts = (len(found.added), len(found.removed), len(found.changed))
    print_lines(
        "{} added, {} removed, {} changed; glossary {} → {}".format(*counts, old.content_hash, new.content_hash)
    )
    if found:
        raise typer.Exit(EXIT_FOUND_FAULTS)


@glossary_app.command("stats", epilog=usage("stats", "stats -g zh-en/short-video"))
def stats_command(glossary: GlossaryNames = None) -> None:
    """Count entries, forms, guards and examples, by domain and in all."""
    loaded = load_glossary(glossary or ())
    domains = sorted({entry.domain for entry in loaded.entries})
    rows = [_counts(name or "(none)", [e for e in loaded.entries if e.domain == name]) for name in domains]
    print_table(_STATISTICS, [*rows, _counts("all", loaded.entries)])
    kinds = (f"{kind} {count}" for kind in Kind if (count := sum(e.kind is kind for e in loaded.entries)))
    print_lines(f"kinds: {', '.join(kinds) or 'none'}", f"glossary {loaded.content_hash}")


def _counts(name: str, entries: Sequence[TermEntry]) -> tuple[str, ...]:
    guarded = [entry for entry in entries if entry.guard or any(form.guard for form in entry.forbidden)]
    numbers = (
        len(entries),
        sum(len(entry.forbidden) for entry in entries),
        sum(len(derive_forms(entry)) for entry in entries),
        len(guarded),
        sum(len(entry.examples) for entry in entries),
        sum(not entry.examples for entry in guarded),
    )
    return (name, *map(str, numbers))


def _terms(entry: TermEntry) -> tuple[str, ...]:
    return (entry.source, entry.target, *entry.admitted, *(forbidden.form for forbidden in entry.forbidden))


def _print_entries(entries: Sequence[TermEntry]) -> None:
    rows = [
        (e.source, e.target, ", ".join(f.form for f in e.forbidden), e.kind.value, e.domain, e.layer) for e in entries
    ]
    print_table(("source", "target", "forbidden", "kind", "domain", "layer"), rows)
