"""Text artefacts that machine translation and scraping leave behind: each one a named rule that can be switched off.

None of them needs a glossary; each is limited to what is never meant: a space before an apostrophe, a full stop twice,
a tag that lost its brackets' grip, two words run together, a function word twice. Some of these slips people make too:
a single one in an otherwise clean text is proposed, and applied only where the text shows other signs of machine work.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from regloss.glossary.forms import surface_key
from regloss.segmentation.english import ends_abbreviation

__all__ = ["ARTEFACT_RULES", "Artefact", "ArtefactIndex", "ArtefactRule"]

_STARTERS = tuple("The This That These Those It He She We They In On At But And However For If When As There".split())
_JOINABLE = tuple("in of to on and for at by with from that is as".split())
_FUNCTION_WORDS = tuple("the a an of and to for with at by from".split())
_TAGS = "span|div|p|br|b|i|em|strong|a|font|li|ul|td|tr"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A stretch of text that a rule would replace by `after`."""

    start: int
    end: int
    after: str
    rule: str
    reason: str
    human: bool


@dataclass(frozen=True, slots=True)
class ArtefactRule:
    """One kind of slip.

    Attributes:
        name: what to call it on the command line.
        probes: texts one of which every slip begins with; they are looked for in one pass.
        pattern: decides at the place of a probe; its group ``x`` is what is replaced.
        replace: gives the replacement.
        reason: for the translator.
        human: people make this slip as well.
    """

    name: str
    probes: tuple[str, ...]
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]
    reason: str
    human: bool = False


def _rule(
    name: str,
    probes: Iterable[str],
    pattern: str,
    replace: Callable[[re.Match[str]], str] | str,
    reason: str,
    *,
    human: bool = False,
) -> ArtefactRule:
    made = replace if callable(replace) else lambda _match, fixed=replace: fixed
    return ArtefactRule(name, tuple(probes), re.compile(pattern), made, reason, human)


ARTEFACT_RULES: tuple[ArtefactRule, ...] = (
    _rule(
        "space-before-apostrophe",
        (" 's", " ’s"),
        # A quoted letter ('s'), and an ending that is spoken about ("add an 's"), stand apart.
        r"(?<=\w)(?<!\ban)(?<!\bthe)(?<!\bpossessive)(?<!\bgenitive)(?P<x> )(?=[’']s(?![\w’']))",
        "",
        "A possessive 's belongs to the word before it.",
    ),
    _rule(
        "misplaced-apostrophe",
        (" ’",),
        r"(?<=\ws)(?P<x> ’)(?=[^\W\d_])(?![^’\n]*’(?!\w))",
        "’ ",
        "The apostrophe of a plural possessive belongs before the space.",
    ),
    _rule(
        "doubled-stop",
        (". .", ".\u00a0."),
        r"(?<=[^\W_])(?P<x>\.\s\.)(?=\s|$)(?!\s\.)",
        ".",
        "One full stop ends a sentence.",
    ),
    _rule(
        "stop-before-comma",
        (". ,",),
        r"(?<=[^\W_])(?P<x>\. ,)(?= )",
        lambda match: ".," if ends_abbreviation(match.string, match.start()) else ",",
        "A full stop and a comma stand in one place.",
    ),
    _rule(
        "space-before-punctuation",
        (" " * spaces + mark for spaces in (1, 2, 3) for mark in ".,;!?"),
        # Where small letters go on behind it, " ." is no full stop but a folder ("git add . and then").
        r"(?<=[^\W_])(?P<x> +)(?=[.,;!?](?:\s|$))(?![.,;!?]\s*[.,;!?])(?!\. [a-z])",
        "",
        "English puts no space before punctuation.",
        human=True,
    ),
    _rule(
        "stray-markup",
        ("<", " <"),
        rf"(?P<x> <\s+/?\s*(?:{_TAGS})\s*>| <\s*/\s+(?:{_TAGS})\s*>|(?<! )<(?:\s+/?\s*|\s*/\s+)(?:{_TAGS})\s*>)",
        "",
        "A broken tag is left over from a web page.",
    ),
    _rule(
        "lost-space",
        (f".{word}" for word in _STARTERS),
        # What goes on with a bracket or a dot is code, and so is what tests assert.
        rf"(?<=[a-z][a-z][a-z])(?<!\bAssert)(?<!\bAssume)(?P<x>\.)(?=(?:{'|'.join(_STARTERS)})\b(?![.(\[]\S))",
        ". ",
        "A space is missing after the full stop.",
    ),
    _rule(
        "run-together",
        (first + second for first in _JOINABLE for second in _STARTERS[:5]),
        rf"\b(?:{'|'.join(_JOINABLE)})(?P<x>(?:{'|'.join(_STARTERS[:5])}))\b",
        lambda match: " " + match["x"].lower(),
        "Two words have run together.",
    ),
    _rule(
        "doubled-word",
        (f"{word} {word}" for word in _FUNCTION_WORDS),
        rf"\b(?P<w>{'|'.join(_FUNCTION_WORDS)})(?P<x> (?P=w))\b(?!-)",
        "",
        "A function word stands twice.",
        human=True,
    ),
)


class ArtefactIndex:
    """The rules that are switched on, ready to be looked for.

    Attributes:
        probes: what to look for in the `surface_key` of a text, wherever it stands.
    """

    def __init__(self, off: frozenset[str] = frozenset()) -> None:
        """Make the index; `off` names rules that are switched off, ``all`` for every one."""
        rules = [] if "all" in off else [rule for rule in ARTEFACT_RULES if rule.name not in off]
        owners: dict[str, list[tuple[int, str]]] = {}
        for place, rule in enumerate(rules):
            for probe in rule.probes:
                owners.setdefault(surface_key(probe), []).append((place, probe))
        self._rules = rules
        self._owners = list(owners.values())
        self.probes = tuple(owners)

    def find(self, text: str, hits: Iterable[tuple[int, int]]) -> Iterator[Artefact]:
        """Yield the artefacts of a text by position; those of one rule do not overlap one another.

        Args:
            hits: where `probes` stand in the key of the text, as (start, number).
        """
        done: dict[int, int] = {}
        for start, place, probe in sorted((at, *owner) for at, number in hits for owner in self._owners[number]):
            # The key has lost the difference between a space and a line break, and between small and capital letters.
            if start < done.get(place, 0) or not text.startswith(probe, start):
                continue
            rule = self._rules[place]
            match = rule.pattern.match(text, start)
            if match is not None:
                done[place] = match.end()
                yield Artefact(
                    match.start("x"), match.end("x"), rule.replace(match), rule.name, rule.reason, rule.human
                )
