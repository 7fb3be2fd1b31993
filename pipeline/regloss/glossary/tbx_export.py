"""Writing TBX, the exchange format of ISO 30042: the Basic dialect, version 3 (2019) or 2 (2008).

Each entry becomes a concept with one Chinese term and the English ones: the target is the preferred term, admitted and
deprecated ones follow in order. The kind is the `partOfSpeech` of every English term (a phrase is ``other``), the
domain the `subjectField`, the note a `note`. TBX has no place for guards, examples, targets and kinds of single forms,
or for a case rule that does not follow from the kind: `export_tbx` returns what it had to leave out.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from regloss.errors import UsageError
from regloss.formats.files import write_atomic
from regloss.glossary.entry import Forbidden, Guard, Kind, TermEntry
from regloss.glossary.xml_input import LANG
from regloss.glossary.yaml_file import default_case

__all__ = ["TBX_VERSIONS", "export_tbx"]

TBX_VERSIONS = (2, 3)

_NAMESPACE = "urn:iso:std:iso:30042:ed-2"
_PARTS_OF_SPEECH = {
    Kind.NAME: "properNoun",
    Kind.NOUN: "noun",
    Kind.VERB: "verb",
    Kind.ADJECTIVE: "adjective",
    Kind.PHRASE: "other",
}
_SPACE = re.compile(r"\s+")
# XML 1.0 has no way to write these.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def export_tbx(entries: Iterable[TermEntry], path: Path, version: int = 3) -> tuple[str, ...]:
    """Write `entries` as a TBX-Basic file.

    Args:
        version: 3 for ISO 30042:2019 in DCA style, 2 for ISO 30042:2008 (martif).

    Returns:
        One sentence for each entry that holds what TBX cannot.

    Raises:
        InputError: the file cannot be written.
        UsageError: there is no such version.
    """
    from lxml import etree  # type: ignore[import-untyped]

    if version not in TBX_VERSIONS:
        raise UsageError(f"there is no TBX version {version}; versions: {', '.join(map(str, TBX_VERSIONS))}")
    known = tuple(entries)
    names = _Names(version)
    root, body = _frame(etree, version)
    for number, entry in enumerate(known, 1):
        concept = etree.SubElement(body, names.concept, id=f"c{number}")
        _fill(etree, concept, entry, names)
    data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    write_atomic(path, data)
    losses = ((entry, _lost(entry)) for entry in known)
    return tuple(f"{entry.source}: left out {', '.join(lost)}" for entry, lost in losses if lost)


class _Names:
    """What the two versions call the same things."""

    def __init__(self, version: int) -> None:
        new = version == 3
        prefix = f"{{{_NAMESPACE}}}" if new else ""
        self.prefix = prefix
        self.concept = prefix + ("conceptEntry" if new else "termEntry")
        self.language = prefix + ("langSec" if new else "langSet")
        self.term = prefix + ("termSec" if new else "tig")


def _frame(etree: Any, version: int) -> tuple[Any, Any]:
    """Return the root element and the body that the concepts go to."""
    if version == 3:
        names = ("tbx", "tbxHeader")
        attributes = {"type": "TBX-Basic", "style": "dca"}
    else:
        names = ("martif", "martifHeader")
        attributes = {"type": "TBX-Basic"}
    prefix = _Names(version).prefix
    root = etree.Element(prefix + names[0], attributes, nsmap={None: _NAMESPACE} if version == 3 else None)
    root.set(LANG, "en")
    header = etree.SubElement(root, prefix + names[1])
    description = etree.SubElement(etree.SubElement(header, prefix + "fileDesc"), prefix + "sourceDesc")
    etree.SubElement(description, prefix + "p").text = "Glossary exported by regloss"
    if version == 2:
        encoding = etree.SubElement(header, "encodingDesc")
        etree.SubElement(encoding, "p", type="XCSURI").text = "TBXBasicXCSV02.xcs"
    return root, etree.SubElement(etree.SubElement(root, prefix + "text"), prefix + "body")


def _fill(etree: Any, concept: Any, entry: TermEntry, names: _Names) -> None:
    if entry.domain:
        _leaf(etree, concept, names.prefix + "descrip", entry.domain, "subjectField")
    if entry.note:
        _leaf(etree, concept, names.prefix + "note", entry.note)
    chinese = etree.SubElement(concept, names.language, {LANG: "zh"})
    _leaf(etree, etree.SubElement(chinese, names.term), names.prefix + "term", entry.source)
    english = etree.SubElement(concept, names.language, {LANG: "en"})
    statuses = (
        (entry.target, "preferred"),
        *((text, "admitted") for text in entry.admitted),
        *((forbidden.form, "deprecated") for forbidden in entry.forbidden),
    )
    for text, status in statuses:
        term = etree.SubElement(english, names.term)
        _leaf(etree, term, names.prefix + "term", text)
        part = _PARTS_OF_SPEECH[entry.kind]
        _leaf(etree, term, names.prefix + "termNote", part, "partOfSpeech")
        _leaf(etree, term, names.prefix + "termNote", f"{status}Term-admn-sts", "administrativeStatus")


def _leaf(etree: Any, parent: Any, name: str, text: str, category: str = "") -> None:
    element = etree.SubElement(parent, name, {"type": category} if category else {})
    element.text = _FORBIDDEN.sub("\ufffd", _SPACE.sub(" ", text).strip())


def _lost(entry: TermEntry) -> list[str]:
    plain = all(forbidden == Forbidden(forbidden.form) for forbidden in entry.forbidden)
    losses = (
        ("the guard", entry.guard != Guard()),
        ("guards, targets and kinds of single forms", not plain),
        ("the examples", bool(entry.examples)),
        (f"the case rule {entry.case}", entry.case is not default_case(entry.kind)),
        ("line breaks and runs of spaces in the note", entry.note != " ".join(entry.note.split())),
    )
    return [what for what, lost in losses if lost]
