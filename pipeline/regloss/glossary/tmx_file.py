"""Reading TMX 1.4, the exchange format of translation memories, as a glossary.

A unit with a short Chinese and an English segment is a term: at most 20 characters, and no sentence. The first
translation of a term is its target, further ones are admitted. Codes of inline markup are left out. What is a sentence
is passed over; a file without a single term is an error.
"""

from pathlib import Path
from typing import Any

from regloss.errors import GlossaryError
from regloss.formats.files import read_bytes
from regloss.glossary.entry import TermEntry
from regloss.glossary.tabular import guess_kind
from regloss.glossary.xml_input import LANG, local_name, parse_xml
from regloss.glossary.yaml_file import default_case
from regloss.text import has_han

__all__ = ["read_tmx"]

_LONGEST = 20
_SENTENCE_MARKS = frozenset("。!?;!?;,,:")
_CODES = ("bpt", "ept", "it", "ph", "ut")


def read_tmx(path: Path, layer: str = "command line") -> tuple[TermEntry, ...]:
    """Return the terms of a TMX file in the order in which they first come.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is not well-formed, uses entities, or holds no term; names the line.
    """
    found: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    for unit in parse_xml(read_bytes(path), path).iter():
        if local_name(unit) != "tu":
            continue
        source, target = _segment(unit, ("zh", "cmn")), _segment(unit, ("en",))
        if target and _is_term(source):
            found.setdefault(source, []).append(target)
            lines.setdefault(source, unit.sourceline or 0)
    if not found:
        raise GlossaryError("holds no unit with a Chinese term and its English rendering", path)
    return tuple(_entry(path, source, list(dict.fromkeys(found[source])), lines[source], layer) for source in found)


def _segment(unit: Any, languages: tuple[str, ...]) -> str:
    for variant in unit:
        code = variant.get(LANG) or variant.get("lang") or ""
        if local_name(variant) == "tuv" and code.lower().replace("_", "-").partition("-")[0] in languages:
            return next((" ".join(_text(seg).split()) for seg in variant if local_name(seg) == "seg"), "")
    return ""


def _text(element: Any) -> str:
    inner = "" if local_name(element) in _CODES else (element.text or "") + "".join(_text(e) for e in element)
    return inner + (element.tail or "" if local_name(element) != "seg" else "")


def _is_term(source: str) -> bool:
    return 0 < len(source) <= _LONGEST and has_han(source) and not _SENTENCE_MARKS.intersection(source)


def _entry(path: Path, source: str, targets: list[str], line: int, layer: str) -> TermEntry:
    kind = guess_kind(targets[0])
    return TermEntry(
        source=source,
        target=targets[0],
        admitted=tuple(targets[1:]),
        kind=kind,
        case=default_case(kind),
        domain=path.stem,
        path=path,
        line=line,
        layer=layer,
    )
