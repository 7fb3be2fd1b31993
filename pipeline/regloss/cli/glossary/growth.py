"""`regloss glossary suggest`, `mine` and the way back of review sheets: letting the glossary grow from evidence."""

import json
import shlex
from collections import Counter
from pathlib import Path
from textwrap import shorten
from typing import Annotated

import typer

from regloss.alignment.lexicon import Lexicon, load_lexicon
from regloss.alignment.words import LexiconAligner
from regloss.cli.glossary.application import (
    Force,
    GlossaryNames,
    free,
    glossary_app,
    print_lines,
    print_table,
    usage,
    warn,
)
from regloss.cli.glossary.change import surroundings
from regloss.errors import ReglossError, UsageError
from regloss.formats import write_atomic
from regloss.formats.output import output_folder
from regloss.glossary import TermEntry, load_glossary
from regloss.glossary.inflection import is_ordinary
from regloss.glossary.lint import lint
from regloss.glossary.mining import Proposal, find_new_terms, find_renderings, find_unused
from regloss.glossary.parallel import read_pairs
from regloss.glossary.review import Decision, decided_entry, read_sheet, render_page, render_sheet
from regloss.glossary.suggest import Suggestion, suggest
from regloss.glossary.yaml_edit import add_entry, remove_entry, update_entry
from regloss.text import fold, has_han

__all__ = ["import_review"]

_FORESEEN = 20
_REVIEW_FILES = {".html": "tick and download the sheet", ".tsv": "mark what is right with an x in column accept"}


@glossary_app.command("suggest", epilog=usage("suggest 小红书", "suggest 头部主播 --limit 30", "suggest 快手 --json"))
def suggest_command(
    term: Annotated[str, typer.Argument(metavar="SOURCE", help="A Chinese term; it need not be in the glossary.")],
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many to show.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    glossary: GlossaryNames = None,
) -> None:
    """Foresee likely wrong renderings of a term, before anyone has seen them."""
    if not has_han(term):
        raise UsageError(f"SOURCE {term!r} holds no Chinese; give the source term")
    loaded = load_glossary(glossary or ())
    entry = loaded.find(term)
    # What is known to go wrong with 主播 goes wrong within 头部主播, too.
    parts = {each.source: tuple(form.form for form in each.forbidden) for each in loaded.entries if each is not entry}
    found = suggest(term, load_lexicon(), entry, limit, parts)
    if as_json:
        records = [{"form": s.form, "way": s.way, "confidence": round(s.confidence, 3)} for s in found]
        print_lines(json.dumps(records, ensure_ascii=False, indent=2))
        return
    if not found:
        raise UsageError(f"nothing is known about the words of {term!r}; add its wrong renderings by hand")
    print_table(("rendering", "how", "confidence", ""), [_row(suggestion) for suggestion in found])
    target = entry.target if entry else "TARGET"
    forms = " ".join(f"-f {shlex.quote(suggestion.form)}" for suggestion in found[:2])
    merge = " --merge" if entry else ""
    print_lines(f"to add: regloss glossary add {term} {shlex.quote(target)} {forms}{merge}")


@glossary_app.command("mine", epilog=usage("mine --source zh/ --target en/ -o review/", "mine --target memory.jsonl"))
def mine_command(
    target: Annotated[Path, typer.Option("--target", metavar="PATH", help="Translations: a file or a folder.")],
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="PATH", help="Their sources; not needed for JSONL that holds them."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Write review.tsv and review.html below DIR; or one of them, by a name that ends so.",
        ),
    ] = None,
    glossary: GlossaryNames = None,
    force: Force = False,
) -> None:
    """Read translations and propose wrong renderings, terms without an entry, and entries to spare, for review."""
    loaded = load_glossary(glossary or ())
    pairs = tuple(read_pairs(source, target))
    lexicon = load_lexicon()
    aligner = LexiconAligner(lexicon)
    proposals = (
        *find_renderings(loaded, pairs, aligner, lambda entry: _foreseen(entry, lexicon)),
        *find_new_terms(loaded, pairs, aligner, lambda text: [word.form for word in lexicon.source_words(text)]),
        *find_unused(loaded, pairs),
    )
    counts = Counter(proposal.kind for proposal in proposals)
    told = ", ".join(f"{kind} {count}" for kind, count in counts.items()) or "nothing"
    if out is None:
        shown = [proposal for proposal in proposals if proposal.kind in ("rendering", "new-term")]
        print_table(("kind", "term", "target", "rendering", "pairs", "example"), [_proposal_row(p) for p in shown])
    else:
        _write_review(out, render_sheet(proposals), render_page(proposals, len(pairs)), force=force)
    print_lines(f"{len(pairs)} pairs: {told}; glossary {loaded.content_hash}")


def _write_review(out: Path, sheet: str, page: str, *, force: bool) -> None:
    """Write the sheet, the page, or both into a folder, by the suffix of `out`."""
    suffix = out.suffix.lower()
    if suffix in _REVIEW_FILES:
        text = page if suffix == ".html" else sheet
        write_atomic(free(out, force=force), text.encode("utf-8"))
        print_lines(f"{out}: {_REVIEW_FILES[suffix]}")
        return
    with output_folder(out, force=force) as staging:
        (staging / "review.tsv").write_text(sheet, encoding="utf-8")
        (staging / "review.html").write_text(page, encoding="utf-8")
    print_lines(f"{out / 'review.html'}: {_REVIEW_FILES['.html']}", f"{out / 'review.tsv'}: {_REVIEW_FILES['.tsv']}")


def import_review(sheet: Path, glossary: Path) -> None:
    """Bring the accepted lines of a review sheet into a YAML glossary, all or none, and print what was done."""
    decisions = read_sheet(sheet)
    before = glossary.read_bytes() if glossary.exists() else None
    try:
        for decision in decisions:
            print_lines(_carried_out(decision, glossary))
    except ReglossError:
        if before is None:
            glossary.unlink(missing_ok=True)
        else:
            write_atomic(glossary, before)
        raise
    changed = {decision.source for decision in decisions}
    for finding in lint(surroundings(glossary).whole):
        if finding.source in changed and finding.code != "overridden":
            warn(f"{finding.path}:{finding.line}: {finding.message}")
    print_lines(f"{glossary}: {len(decisions)} decisions taken over")


def _carried_out(decision: Decision, glossary: Path) -> str:
    around = surroundings(glossary)
    mine = around.own(decision.source) is not None
    if decision.kind in ("unused", "overridden"):
        if not mine:
            return f"{decision.source}: stands in another file; nothing to remove here"
        remove_entry(glossary, decision.source)
        return f"{decision.source}: removed"
    entry = decided_entry(around.find(decision.source), decision)
    line = update_entry(glossary, entry) if mine else add_entry(glossary, entry)
    return f"{glossary}:{line}: {entry.source} → {entry.target}, not {decision.rendering!r}"


def _foreseen(entry: TermEntry, lexicon: Lexicon) -> list[str]:
    return [suggestion.form for suggestion in suggest(entry.source, lexicon, entry, _FORESEEN)]


def _proposal_row(proposal: Proposal) -> tuple[str, ...]:
    example = proposal.examples[-1].target if proposal.examples else ""
    count = str(proposal.count)
    return (proposal.kind, proposal.source, proposal.target, proposal.rendering, count, shorten(example, 80))


def _row(suggestion: Suggestion) -> tuple[str, ...]:
    warning = "ordinary English: needs a guard" if is_ordinary(fold(suggestion.form)) else ""
    return (suggestion.form, suggestion.way, f"{suggestion.confidence:.2f}", warning)
