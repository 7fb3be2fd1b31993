"""`regloss glossary add`, `remove` and `keep`: changing a glossary file, with a look at what that does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches, ndiff
from pathlib import Path
from typing import Annotated

import typer

from regloss.alignment.lexicon import load_lexicon
from regloss.cli.glossary.application import (
    GlossaryFile,
    glossary_app,
    print_lines,
    print_table,
    repair_function,
    usage,
    yaml_path,
)
from regloss.document import Document, Relation, Segment, Span, Tier
from regloss.errors import GlossaryError, ReglossError, UsageError
from regloss.glossary import (
    PROJECT_FILE,
    CaseRule,
    Example,
    Forbidden,
    Glossary,
    Guard,
    Kind,
    TermEntry,
    load_glossary,
    read_file,
)
from regloss.glossary.diff import touched
from regloss.glossary.keeping import Kept, Misfire, keep_sentence
from regloss.glossary.tabular import guess_kind
from regloss.glossary.yaml_edit import add_entry, remove_entry, render_entry, update_entry
from regloss.glossary.yaml_file import default_case
from regloss.text import has_han

__all__ = ["Surroundings", "find_misfires", "surroundings", "word_rarity"]

_MOST_LINES = 40

Try = Annotated[
    list[Path] | None,
    typer.Option("--try", metavar="PATH", help="Show what this changes in a file or folder; repeatable."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", "-n", help="Show what would happen; write nothing.")]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """A glossary file among the layers that it is read with.

    Attributes:
        path: the file.
        below: the layers that are in force without it.
        entries: what it holds.
    """

    path: Path
    below: Glossary
    entries: tuple[TermEntry, ...]

    @property
    def whole(self) -> Glossary:
        """All that is in force with the file."""
        return self.below.plus(self.entries)

    def own(self, source: str) -> TermEntry | None:
        """Return the file's own entry of a source term."""
        return next((entry for entry in self.entries if entry.source == source), None)

    def find(self, source: str) -> TermEntry | None:
        """Return the file's own entry of a source term, else that of the layers below."""
        return self.own(source) or self.below.find(source)

    def with_entry(self, entry: TermEntry) -> Glossary:
        """Return all that would be in force if the file held `entry`."""
        others = tuple(old for old in self.entries if old.source != entry.source)
        return self.below.plus((*others, replace(entry, path=self.path, line=None, layer="command line")))


def surroundings(path: Path) -> Surroundings:
    """Return what stands around a glossary file, which need not exist yet."""
    entries = read_file(path) if path.exists() else ()
    layers = load_glossary()
    here = path.resolve()
    mine = {entry.source for entry in layers.entries if entry.path is not None and entry.path.resolve() == here}
    if not mine:
        return Surroundings(path, layers, entries)
    # The file is a layer itself: what it overrides comes back into force without it.
    hidden = [entry for entry in layers.overridden if entry.source in mine]
    rest = [entry for entry in layers.entries if entry.source not in mine]
    return Surroundings(path, Glossary.of((*rest, *hidden), layers.contexts), entries)


@glossary_app.command(
    "add",
    epilog=usage(
        'add 快手 Kuaishou --forbidden "quick hands" --forbidden Kaishou --try articles/',
        "add 主播 streamer --kind noun --admitted host --glossary terms.yaml",
        'add 快手 Kuaishou --forbidden "fast hands" --unless boxing --merge',
        'add 快手 Kwai --forbidden "quick hands" --replace',
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
    unless: Annotated[
        list[str] | None,
        typer.Option("--unless", metavar="WORD", help="A word near by that rules the term out; repeatable."),
    ] = None,
    when: Annotated[
        list[str] | None,
        typer.Option("--when", metavar="WORD", help="One of these words must be near; repeatable."),
    ] = None,
    directly_before: Annotated[
        list[str] | None,
        typer.Option("--before", metavar="WORDS", help="One of these must stand right before it; repeatable."),
    ] = None,
    directly_after: Annotated[
        list[str] | None,
        typer.Option("--after", metavar="WORDS", help="One of these must stand right after it; repeatable."),
    ] = None,
    note: Annotated[str, typer.Option("--note", help="A line for people.", show_default=False)] = "",
    merge: Annotated[
        bool,
        typer.Option("--merge", help="If SOURCE has an entry here or in a layer below, keep it and add what is new."),
    ] = False,
    anew: Annotated[
        bool, typer.Option("--replace", help="If SOURCE has an entry in the file, put this one in its place.")
    ] = False,
    tries: Try = None,
    dry_run: DryRun = False,
    glossary: GlossaryFile = Path(PROJECT_FILE),
) -> None:
    """Add an entry to a glossary file; comments, order and layout of the file stay."""
    if merge and anew:
        raise UsageError("choose one of --merge and --replace")
    known_kind = kind or guess_kind(target)
    guard = Guard(
        unless=_texts("--unless", unless),
        when=_texts("--when", when),
        before=_texts("--before", directly_before),
        after=_texts("--after", directly_after),
    )
    entry = TermEntry(
        source=source.strip(),
        target=target.strip(),
        admitted=_texts("--admitted", admitted),
        forbidden=tuple(map(Forbidden, _texts("--forbidden", forbidden))),
        kind=known_kind,
        case=case or default_case(known_kind),
        domain=domain,
        guard=guard,
        note=note,
    )
    _check_typed(entry)
    around = surroundings(_file_for(glossary, entry))
    present = around.own(entry.source)
    if present is not None and not merge and not anew:
        message = f"{entry.source!r} already has an entry; --merge adds to it, --replace puts this one in its place"
        raise GlossaryError(message, around.path, present.line)
    wanted = _merged(around, entry, kind, case) if merge else entry
    after = around.with_entry(wanted)
    lines = _preview_lines(around.whole, after, tries)
    if dry_run:
        print_lines(f"would write to {around.path}: {wanted.source} → {wanted.target}")
    else:
        line = (add_entry if present is None else update_entry)(around.path, wanted)
        print_lines(f"{around.path}:{line}: {wanted.source} → {wanted.target}")
    if present is not None:
        print_lines(*_differences(present, wanted))
    print_lines(*(f"  {sentence}" for sentence in touched(around.whole, after, wanted.source)))
    if tries:
        _print_preview(lines)


def _texts(option: str, given: Sequence[str] | None) -> tuple[str, ...]:
    """Return what was typed after a repeatable option, without spaces around it."""
    texts = tuple(text.strip() for text in given or ())
    if not all(texts):
        raise UsageError(f"{option} is empty; give it a text, or leave it out")
    if barred := next((text for text in texts if "|" in text), None):
        raise UsageError(f"{option} {barred!r} holds a bar; give {option} once for each text")
    return texts


def _check_typed(entry: TermEntry) -> None:
    """Refuse what can only be a slip, before anything is written."""
    for name, text in (("SOURCE", entry.source), ("TARGET", entry.target)):
        if not text:
            raise UsageError(f"{name} is empty; give the source term, then the preferred target term")
    if has_han(entry.target) and not has_han(entry.source):
        raise UsageError(
            f"TARGET {entry.target!r} is Chinese and SOURCE {entry.source!r} is not; the source comes first"
        )
    own = next((form.form for form in entry.forbidden if form.form in (entry.target, *entry.admitted)), None)
    if own is not None:
        raise UsageError(f"--forbidden {own!r} is the right term itself; give a wrong rendering")


@glossary_app.command(
    "remove", epilog=usage("remove 快手", "remove 快手 --glossary terms.yaml --try articles/ --dry-run")
)
def remove_command(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source term.")],
    tries: Try = None,
    dry_run: DryRun = False,
    glossary: GlossaryFile = Path(PROJECT_FILE),
) -> None:
    """Remove an entry from a glossary file; all else in the file stays."""
    around = surroundings(yaml_path(glossary))
    present = around.own(source)
    if present is None:
        raise GlossaryError(f"has no entry {source!r}; {_elsewhere(around, source)}", around.path)
    rest = tuple(entry for entry in around.entries if entry is not present)
    lines = _preview_lines(around.whole, around.below.plus(rest), tries)
    if dry_run:
        print_lines(f"{glossary}:{present.line}: would remove {present.source} → {present.target}")
    else:
        entry = remove_entry(around.path, source)
        print_lines(f"{glossary}:{entry.line}: removed {entry.source} → {entry.target}")
    if (back := around.below.find(source)) is not None:
        print_lines(f"  {back.source} → {back.target} is in force again ({_place(back)})")
    if tries:
        _print_preview(lines)


def _elsewhere(around: Surroundings, source: str) -> str:
    """Return where an entry stands that the file does not have, or what was perhaps meant."""
    below = around.below.find(source)
    if below is not None:
        return f"it stands in {_place(below)}, and an entry of your own overrides it"
    if not around.path.exists():
        return "there is no such file"
    close = get_close_matches(source, [entry.source for entry in around.entries], 3)
    return f"close: {', '.join(close)}" if close else "see regloss glossary list"


@glossary_app.command(
    "keep",
    epilog=usage(
        'keep "The soprano\'s vibrato filled the hall."',
        'keep "His quick hands saved the game." --glossary terms.yaml --dry-run',
    ),
)
def keep_command(
    sentence: Annotated[str, typer.Argument(metavar="SENTENCE", help="A sentence that was changed and should not be.")],
    source: Annotated[str, typer.Option("--source", help="Its source sentence, if known.", show_default=False)] = "",
    dry_run: DryRun = False,
    glossary: GlossaryFile = Path(PROJECT_FILE),
) -> None:
    """Turn a false positive into an example that must stay and the smallest guard that keeps it."""
    around = surroundings(yaml_path(glossary))
    if not find_misfires(around.whole, sentence, source):
        print_lines("nothing changes this sentence; there is nothing to do")
        return
    for kept in _kept(around, Example(keep=sentence, source=source)):
        if not dry_run:
            write = update_entry if around.own(kept.after.source) else add_entry
            line = write(around.path, kept.after)
            print_lines(f"{around.path}:{line}: {kept.after.source} → {kept.after.target}")
        _print_kept(kept)


def _kept(around: Surroundings, example: Example) -> list[Kept]:
    """Return the entries that must change so that nothing changes the sentence; all of them or an error."""
    rarity = word_rarity()
    glossary = around.whole
    done: list[Kept] = []
    spans: tuple[Span, ...] = ()
    while misfires := find_misfires(glossary, example.keep, example.source):
        spans = (*spans, *misfires[0].taken)
        done.append(keep_sentence(glossary, replace(misfires[0], others=spans), example, repair_function, rarity))
        glossary = glossary.plus((done[-1].after,))
    return done


def find_misfires(glossary: Glossary, sentence: str, source: str) -> list[Misfire]:
    """Return the terms that repair would change in a sentence, in order of position."""
    from regloss.repair import Repairer

    document = Document("sentence", sentence, (Span(0, len(sentence)),), source=source or None)
    segments = (Segment("s1", 0, len(sentence), sentence, source),) if source else None
    edits = Repairer(glossary).edits(document, segments, Relation.PARALLEL)
    made = [edit for edit in edits if edit.tier is Tier.AUTO and edit.rule == "term"]
    return [
        Misfire(entry, edit.start, edit.end, tuple(other.span for other in made if other is not edit))
        for edit in made
        if (entry := glossary.find(edit.term)) is not None
    ]


def word_rarity() -> Callable[[str], float]:
    """Return how rare an English word is, by the number of Chinese words that the bundled lexicon has for it."""
    try:
        lexicon = load_lexicon()
    except ReglossError:
        return lambda word: float(len(word))
    return lambda word: -float(len(lexicon.sources(word)))


def _print_kept(kept: Kept) -> None:
    words = ", ".join(kept.words)
    where = f"the form {kept.form!r}" if kept.form else "the entry"
    print_lines(f"  {where} is now left alone near: {words}")
    print_lines(*_differences(kept.before, kept.after))
    was_free = next(
        (not f.guard and not kept.before.guard for f in kept.before.forbidden if f.form == kept.form), False
    )
    if was_free:
        print_lines(f"  {kept.form!r} had no guard; it is now corrected only where the context speaks for the term")


def _differences(before: TermEntry, after: TermEntry) -> list[str]:
    lines = ndiff(render_entry(before).splitlines(), render_entry(after).splitlines())
    return [f"    {line}" for line in lines if line.startswith(("- ", "+ "))]


def _place(entry: TermEntry) -> str:
    return entry.layer if entry.path is None else f"{entry.path.name}:{entry.line}"


def _file_for(glossary: Path, entry: TermEntry) -> Path:
    """Return the YAML file that an entry goes to; in a folder of glossaries, that of its domain."""
    if not glossary.is_dir():
        return yaml_path(glossary)
    domains = sorted(path.stem for path in glossary.glob("*.yaml"))
    if not entry.domain:
        raise UsageError(
            f"{glossary} is a folder; give --domain to choose its file: {', '.join(domains) or 'none yet'}"
        )
    return glossary / f"{_plain_name(entry.domain)}.yaml"


def _plain_name(domain: str) -> str:
    if not all(char.isalnum() or char in "-_" for char in domain):
        raise UsageError(f"the domain {domain!r} cannot name a file; use letters, digits and hyphens")
    return domain


def _merged(around: Surroundings, entry: TermEntry, kind: Kind | None, case: CaseRule | None) -> TermEntry:
    """Return the entry that is in force with what `entry` has besides; `kind` and `case` where they were given."""
    old = around.find(entry.source)
    if old is None:
        return entry
    if old.target != entry.target:
        remedy = "put --replace in the place of" if around.own(entry.source) else "leave out"
        told = f"{old.source!r} has the target {old.target!r} in {_place(old)}; {remedy} --merge to override it"
        raise UsageError(told)
    known = {form.form.casefold() for form in old.forbidden}
    added = tuple(form for form in entry.forbidden if form.form.casefold() not in known)
    guard = Guard(
        unless=tuple(dict.fromkeys((*old.guard.unless, *entry.guard.unless))),
        when=tuple(dict.fromkeys((*old.guard.when, *entry.guard.when))),
        before=tuple(dict.fromkeys((*old.guard.before, *entry.guard.before))),
        after=tuple(dict.fromkeys((*old.guard.after, *entry.guard.after))),
    )
    return replace(
        old,
        forbidden=(*old.forbidden, *added),
        admitted=tuple(dict.fromkeys((*old.admitted, *entry.admitted))),
        kind=kind or old.kind,
        case=case or old.case,
        domain=entry.domain or old.domain,
        guard=guard,
        note=entry.note or old.note,
    )


def _preview_lines(before: Glossary, after: Glossary, tries: Sequence[Path] | None) -> Sequence[tuple[str, ...]]:
    if not tries:
        return ()
    from regloss.batch.preview import edit_function, preview, read_documents
    from regloss.formats.discover import discover
    from regloss.formats.registry import known_suffixes
    from regloss.repair import Repairer

    documents = read_documents(discover(tries, known_suffixes()))
    found = preview(documents, edit_function(Repairer(before)), edit_function(Repairer(after)))
    fates = {Tier.AUTO: "changes", Tier.REVIEW: "proposes", Tier.LEAVE: "leaves"}
    return [
        (
            line.place,
            fates[line.edit.tier] if line.new else f"no longer {fates[line.edit.tier]}",
            f"{line.before}[{line.edit.before} → {line.edit.after}]{line.after}",
            line.edit.reason,
        )
        for line in found
    ]


def _print_preview(lines: Sequence[tuple[str, ...]]) -> None:
    if lines:
        print_table(("place", "fate", "in context", "why"), lines[:_MOST_LINES])
    counts = {fate: sum(line[1] == fate for line in lines) for fate in dict.fromkeys(line[1] for line in lines)}
    shown = f"; the first {_MOST_LINES} are shown" if len(lines) > _MOST_LINES else ""
    print_lines(", ".join(f"{fate} {count}" for fate, count in counts.items()) + shown if counts else "changes nothing")
