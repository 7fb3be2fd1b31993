"""Review sheets: what was mined, for a person to tick, as a table and as a page, and back into the glossary.

The sheet is TSV (UTF-8) with one proposal a line. Only the first five columns are read back; the rest is for people.

| column | holds |
|---|---|
| accept | anything but nothing, ``0``, ``no`` or ``n`` accepts the line |
| kind | ``rendering``, ``new-term``, ``unused`` or ``overridden``, see `mining.Proposal` |
| source | the source term |
| target | its preferred target; may be corrected |
| rendering | the wrong rendering; may be corrected |
| count, share, place, example, example_source | the evidence |

The page says the same, needs no network and runs only its own few lines of script, which write the sheet.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from regloss.errors import GlossaryError
from regloss.formats.encoding import BOM, decode
from regloss.formats.files import read_bytes
from regloss.glossary.entry import Forbidden, TermEntry
from regloss.glossary.mining import Proposal
from regloss.glossary.tabular import guess_kind
from regloss.glossary.yaml_file import default_case
from regloss.text import fold

__all__ = ["Decision", "decided_entry", "read_sheet", "render_page", "render_sheet"]

_READ = ("accept", "kind", "source", "target", "rendering")
_COLUMNS = (*_READ, "count", "share", "place", "example", "example_source")
_KINDS = ("rendering", "new-term", "unused", "overridden")
_REFUSED = ("", "0", "no", "n")
_GROUPS = (
    ("Terms rendered otherwise", "What translations say where the glossary wants something else.", ("rendering",)),
    (
        "Terms without an entry",
        "Words that recur and come out in different ways; the target is the commonest.",
        ("new-term",),
    ),
    (
        "Entries to spare",
        "Their terms stand in none of the texts, or a later layer overrides them.",
        ("unused", "overridden"),
    ),
)
# HTML forbids these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Decision:
    """One accepted line of a sheet; see `Proposal` for the values of `kind`."""

    kind: str
    source: str
    target: str
    rendering: str
    line: int


def render_sheet(proposals: Sequence[Proposal]) -> str:
    """Return the sheet of these proposals, none of them accepted yet."""
    return "".join("\t".join(cells) + "\n" for cells in (_COLUMNS, *map(_cells, proposals)))


def render_page(proposals: Sequence[Proposal], pairs: int) -> str:
    """Return the page of these proposals.

    Args:
        pairs: how many sentence pairs they come from.
    """
    import jinja2

    folder = files("regloss.glossary") / "templates"
    style, script, page = (
        (folder / name).read_text(encoding="utf-8") for name in ("review.css", "review.js", "review.html.j2")
    )
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(page)
    from markupsafe import Markup

    groups = [(title, text, [p for p in proposals if p.kind in kinds]) for title, text, kinds in _GROUPS]
    text = template.render(
        proposals=proposals,
        pairs=pairs,
        groups=groups,
        # Files of our own; everything else is escaped.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
    )
    return _FORBIDDEN.sub("\ufffd", text)


def read_sheet(path: Path) -> tuple[Decision, ...]:
    """Return the accepted lines of a sheet.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is no sheet, or an accepted line lacks what it needs; names the line.
    """
    text = decode(read_bytes(path), path)[0].removeprefix(BOM)
    header, *lines = text.splitlines() or [""]
    names = [cell.strip().lower() for cell in header.split("\t")]
    if missing := [name for name in _READ if name not in names]:
        raise GlossaryError(f"is no review sheet: it has no column {missing[0]!r}", path, 1)
    decisions = []
    for number, line in enumerate(lines, 2):
        cells = dict(zip(names, (cell.strip() for cell in line.split("\t")), strict=False))
        if cells.get("accept", "").lower() not in _REFUSED:
            decisions.append(_decision(path, number, cells))
    return tuple(decisions)


def decided_entry(old: TermEntry | None, decision: Decision) -> TermEntry:
    """Return the entry of a term after a decision to add a rendering or a term.

    A corrected target stays with the person who corrects it in the glossary: for a term that has an entry, its own
    target holds.
    """
    form = (Forbidden(decision.rendering),) if decision.rendering else ()
    if old is None:
        kind = guess_kind(decision.target)
        return TermEntry(decision.source, decision.target, forbidden=form, kind=kind, case=default_case(kind))
    known = {fold(each.form) for each in old.forbidden}
    added = tuple(each for each in form if fold(each.form) not in known)
    return replace(old, forbidden=(*old.forbidden, *added))


def _decision(path: Path, line: int, cells: dict[str, str]) -> Decision:
    kind = cells.get("kind", "")
    if kind not in _KINDS:
        raise GlossaryError(f"unknown kind {kind!r}; kinds: {', '.join(_KINDS)}", path, line)
    needed = {"rendering": ("source", "target", "rendering"), "new-term": ("source", "target")}.get(kind, ("source",))
    for name in needed:
        if not cells.get(name):
            raise GlossaryError(f"is accepted, but its {name} is empty; fill it in or take the tick away", path, line)
    return Decision(kind, cells["source"], cells.get("target", ""), cells.get("rendering", ""), line)


def _cells(proposal: Proposal) -> tuple[str, ...]:
    first = proposal.examples[0] if proposal.examples else None
    # The example of a new term that matters is one with the rendering that is put in question.
    shown = proposal.examples[1] if proposal.kind == "new-term" and len(proposal.examples) > 1 else first
    evidence = ("", "", "") if shown is None else (shown.place, shown.target, shown.source)
    cells = ("", proposal.kind, proposal.source, proposal.target, proposal.rendering)
    numbers = (str(proposal.count), f"{proposal.share:.2f}")
    return tuple(" ".join(cell.split()) for cell in (*cells, *numbers, *evidence))


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
