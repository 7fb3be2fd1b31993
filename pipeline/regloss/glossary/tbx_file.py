"""Reading TBX, the exchange format of ISO 30042: Basic, version 2 (martif) and version 3 (DCA and DCT style).

Each Chinese term of a concept becomes an entry with the concept's English terms: the preferred one (or the first that
is not deprecated) is the target, deprecated and superseded ones are forbidden, the rest is admitted. `partOfSpeech`
gives the kind (``other`` is a phrase), `subjectField` the domain, `definition` and `note` the note. Concepts without
both languages are passed over; a file without a single such concept is an error. Where a concept has deprecated
English terms only, as Weblate writes them, these are forbidden for the entry that another concept gives its Chinese
term.

Entities are not expanded, no DTD is loaded and nothing is fetched.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from regloss.errors import GlossaryError
from regloss.formats.files import read_bytes
from regloss.glossary.entry import Forbidden, Kind, TermEntry
from regloss.glossary.tabular import guess_kind, kind_of
from regloss.glossary.xml_input import LANG, content, local_name, parse_xml
from regloss.glossary.yaml_file import default_case

__all__ = ["read_tbx"]

_CHINESE = ("zh", "zho", "chi", "cmn")
_ENGLISH = ("en", "eng")
_CONCEPT = ("termEntry", "conceptEntry")
_LANGUAGE = ("langSet", "langSec")
_TERM = ("tig", "ntig", "termSec")
_STATUS = ("administrativeStatus", "normativeAuthorization")


@dataclass(frozen=True, slots=True)
class _Term:
    text: str
    status: str
    part_of_speech: str
    line: int

    @property
    def deprecated(self) -> bool:
        return self.status.startswith(("deprecated", "superseded", "forbidden", "obsolete"))

    @property
    def preferred(self) -> bool:
        return self.status.startswith("preferred")


def read_tbx(path: Path, layer: str = "command line") -> tuple[TermEntry, ...]:
    """Return the Chinese→English entries of a TBX file in its order.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is not well-formed, defines entities, holds no concept with a Chinese
            and an English term, or a concept has only deprecated English terms; names the line.
    """
    root = parse_xml(read_bytes(path), path)
    found: dict[str, TermEntry] = {}
    forbidden: list[tuple[str, _Term]] = []
    for concept in _descendants(root, _CONCEPT):
        sources = [term for term in _terms(concept, _CHINESE) if not term.deprecated]
        targets = _terms(concept, _ENGLISH)
        if targets and all(term.deprecated for term in targets):
            forbidden += [(source.text, target) for source in sources for target in targets]
            continue
        for entry in _entries(path, concept, sources, targets, layer):
            first = found.setdefault(entry.source, entry)
            if first is not entry and first.target != entry.target:
                raise GlossaryError(
                    f"{entry.source!r} has the target {entry.target!r} here and {first.target!r} on line {first.line}; "
                    "mark one of the two source terms deprecated",
                    path,
                    entry.line,
                )
    for source, term in forbidden:
        if source not in found:
            raise GlossaryError(f"{source!r} has only deprecated English terms", path, term.line)
        found[source] = _forbidding(found[source], term.text)
    if not found:
        raise GlossaryError("holds no concept with both a Chinese and an English term", path)
    return tuple(found.values())


def _forbidding(entry: TermEntry, form: str) -> TermEntry:
    known = form in (entry.target, *entry.admitted, *(forbidden.form for forbidden in entry.forbidden))
    return entry if known else replace(entry, forbidden=(*entry.forbidden, Forbidden(form)))


def _descendants(element: Any, names: tuple[str, ...]) -> Iterator[Any]:
    return (child for child in element.iter() if local_name(child) in names)


def _data(element: Any, *categories: str) -> str:
    """Return the first value of a data category: in a `type` attribute (DCA) or as the element's own name (DCT)."""
    for child in element.iter():
        if (child.get("type") or local_name(child)) in categories:
            return content(child)
    return ""


def _terms(concept: Any, languages: tuple[str, ...]) -> list[_Term]:
    return [
        _term(block)
        for section in _descendants(concept, _LANGUAGE)
        if (section.get(LANG) or section.get("lang") or "").lower().partition("-")[0] in languages
        for block in _descendants(section, _TERM)
        if _data(block, "term")
    ]


def _term(block: Any) -> _Term:
    return _Term(_data(block, "term"), _data(block, *_STATUS), _data(block, "partOfSpeech"), block.sourceline or 0)


def _entries(
    path: Path, concept: Any, sources: Sequence[_Term], targets: Sequence[_Term], layer: str
) -> Iterator[TermEntry]:
    good = [term for term in targets if not term.deprecated]
    if not sources or not good:
        return
    best = next((term for term in good if term.preferred), good[0])
    kind = _kind(best)
    for source in sources:
        yield TermEntry(
            source=source.text,
            target=best.text,
            admitted=tuple(dict.fromkeys(term.text for term in good if term.text != best.text)),
            forbidden=tuple(Forbidden(text) for text in dict.fromkeys(t.text for t in targets if t.deprecated)),
            kind=kind,
            case=default_case(kind),
            domain=_data(concept, "subjectField").lower().replace(" ", "-") or path.stem,
            note=" ".join(filter(None, (_data(concept, "definition"), _data(concept, "note")))),
            path=path,
            line=source.line,
            layer=layer,
        )


def _kind(term: _Term) -> Kind:
    # The Basic dialect has no word for a phrase.
    kind = Kind.PHRASE if term.part_of_speech == "other" else kind_of(term.part_of_speech)
    return guess_kind(term.text) if kind is None else kind
