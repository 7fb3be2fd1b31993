"""Which family of rules an edit belongs to, and how often each family was right on the gold sets.

An edit of a listed term rests on the strongest kind of evidence that it has; other edits are known by their rule. The
shares stand in `precision.json`, which ``benchmarks/repair.py --write`` measures: an edit counts as right if it touches
an error of the development gold, and as wrong if it touches what is right there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from regloss.document import Edit

__all__ = ["FAMILIES", "Precision", "family", "published_precision"]

# Family of listed terms → how its evidence begins; the first that an edit has is its family.
_EVIDENCE = {
    "term.source": ("the aligned source holds",),
    "term.never-english": ("a known wrong rendering that is not good English",),
    "term.frame": ("it stands in the frame",),
}
_REQUIRED = ("term.required-word", "stands in the sentence")
_CONTEXT = "term.context"

FAMILIES: Mapping[str, str] = {
    "term.source": "a listed form whose term the aligned source holds",
    "term.never-english": "a listed form that is never good English",
    "term.frame": "a listed form between the words that the glossary asks for",
    "term.required-word": "a listed form with a word that the glossary asks for in the sentence",
    "term.context": "a listed form, by what the text is about",
    "unlisted": "words that no glossary lists, found through the aligned source",
    "agreement": "a word that agrees with a mended term",
}


@dataclass(frozen=True, slots=True)
class Precision:
    """How often edits of one family were right: `right` of `edits`."""

    right: int
    edits: int


def family(edit: Edit) -> str:
    """Return the family of an edit: a key of `FAMILIES`, or ``artefact.`` and the name of the rule."""
    if edit.rule != "term":
        return edit.rule
    speaking = [text for text, weight in edit.evidence if weight > 0]
    for name, beginnings in _EVIDENCE.items():
        if any(text.startswith(beginnings) for text in speaking):
            return name
    return _REQUIRED[0] if any(text.endswith(_REQUIRED[1]) for text in speaking) else _CONTEXT


@cache
def published_precision() -> Mapping[str, Precision]:
    """Return the measured precision of each family that made an edit in the gold sets."""
    record = json.loads(files("regloss.repair").joinpath("precision.json").read_text(encoding="utf-8"))
    return {name: Precision(right, edits) for name, (right, edits) in record["families"].items()}
