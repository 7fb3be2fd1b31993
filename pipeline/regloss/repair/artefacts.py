"""Text artefacts that machine translation and scraping leave behind: each one a named rule that can be switched off.

None of them needs a glossary; each is limited to what is never meant: a space before an apostrophe, a full stop twice,
a tag that lost its brackets' grip, two words run together, a function word twice. Some of these slips people make too:
a single one in an otherwise clean text is proposed, and applied only where the text shows other signs of machine work.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

__all__ = ["ARTEFACT_RULES", "Artefact", "ArtefactRule", "find_artefacts"]

_STARTERS = "The|This|That|These|Those|It|He|She|We|They|In|On|At|But|And|However|For|If|When|As|There"
_JOINABLE = "in|of|to|on|and|for|at|by|with|from|that|is|as"
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
    """A named pattern; group ``x`` of it is what is replaced.

    `human` marks a slip that people make as well.
    """

    name: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]
    reason: str
    human: bool = False


def _rule(
    name: str,
    pattern: str,
    replace: Callable[[re.Match[str]], str] | str,
    reason: str,
    *,
    human: bool = False,
) -> ArtefactRule:
    made = replace if callable(replace) else lambda _match, fixed=replace: fixed
    return ArtefactRule(name, re.compile(pattern), made, reason, human)


ARTEFACT_RULES: tuple[ArtefactRule, ...] = (
    _rule(
        "space-before-apostrophe",
        r"(?<=\w)(?P<x> )(?=[’']s(?!\w))",
        "",
        "A possessive 's belongs to the word before it.",
    ),
    _rule(
        "misplaced-apostrophe",
        r"(?<=\ws)(?P<x> ’)(?=[^\W\d_])(?![^’\n]*’(?!\w))",
        "’ ",
        "The apostrophe of a plural possessive belongs before the space.",
    ),
    _rule(
        "doubled-stop",
        r"(?<=[^\W_])(?P<x>\.\s\.)(?=\s|$)(?!\s\.)",
        ".",
        "One full stop ends a sentence.",
    ),
    _rule(
        "stop-before-comma",
        r"(?<=[^\W_])(?P<x>\. ,)(?= )",
        ",",
        "A full stop and a comma stand in one place.",
    ),
    _rule(
        "space-before-punctuation",
        r"(?<=[^\W_])(?P<x> +)(?=[.,;!?](?:\s|$))(?![.,;!?]\s*[.,;!?])",
        "",
        "English puts no space before punctuation.",
        human=True,
    ),
    _rule(
        "stray-markup",
        rf"(?P<x> ?<\s+/?\s*(?:{_TAGS})\s*>| ?<\s*/\s+(?:{_TAGS})\s*>)",
        "",
        "A broken tag is left over from a web page.",
    ),
    _rule(
        "lost-space",
        rf"(?<=[a-z][a-z][a-z])(?P<x>\.)(?=(?:{_STARTERS})\b)",
        ". ",
        "A space is missing after the full stop.",
    ),
    _rule(
        "run-together",
        rf"\b(?:{_JOINABLE})(?P<x>(?:The|This|That|These|Those))\b",
        lambda match: " " + match["x"].lower(),
        "Two words have run together.",
    ),
    _rule(
        "doubled-word",
        r"\b(?P<w>the|a|an|of|and|to|for|with|at|by|from)(?P<x>\s(?P=w))\b(?!-)",
        "",
        "A function word stands twice.",
        human=True,
    ),
)


def find_artefacts(text: str, start: int, end: int, off: frozenset[str] = frozenset()) -> Iterator[Artefact]:
    """Yield the artefacts in ``text[start:end]``, rule by rule.

    Args:
        off: names of rules that are switched off.
    """
    for rule in ARTEFACT_RULES:
        if rule.name in off:
            continue
        for match in rule.pattern.finditer(text, start, end):
            yield Artefact(match.start("x"), match.end("x"), rule.replace(match), rule.name, rule.reason, rule.human)
