"""Likely wrong renderings of a term, before anyone has seen them.

A term goes wrong in a few ways, and each is played through:

| way | 快手 | how |
|---|---|---|
| literal | quick hand | the term cut into known words and characters, the renderings of each put side by side |
| gloss | | what a dictionary gives for the whole term, where it is not the target |
| pinyin | Kuai Shou | the spelling with a space after each syllable, or joined |
| garbled | Kaishou | the spelling with one slip: a letter lost, zh for z, ng for n |
| mixed | quick shou | a part by its sense, a part by its sound |

`confidence` is no frequency: it orders the suggestions of one term and tells strong ones (above 0.1) from guesses.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Protocol

from regloss.glossary import inflection
from regloss.glossary.entry import Kind, TermEntry
from regloss.glossary.forms import surface_key
from regloss.glossary.pinyin import garblings, joined, spaced
from regloss.text import fold, has_han, is_han

__all__ = ["RenderingLexicon", "Suggestion", "suggest"]

_LONGEST_PART = 4
_MOST_PARTS = 4
_RENDERINGS = 6
_SPLITS = 6
_LEAST_BACKWARD = 0.1
_FURTHER_PART = 0.6
_WORD_GLOSS, _CHARACTER_GLOSS = 0.3, 0.06
_LEAST_WEIGHT = 0.01
_LEMMA_SHARE = 0.15
_FILLERS = frozenset("a an the of to in on at by for from with as and or no not be is it its s one's sb sth".split())


class LexiconEntry(Protocol):
    """One rendering of a source word: p(target | source) and p(source | target)."""

    @property
    def target(self) -> str:
        """The English word, folded."""

    @property
    def forward(self) -> float:
        """p(target | source)."""

    @property
    def backward(self) -> float:
        """p(source | target)."""


class RenderingLexicon(Protocol):
    """What is known about Chinese words; `regloss.alignment.lexicon.Lexicon` is one."""

    def entries(self, source_word: str) -> Sequence[LexiconEntry]:
        """Return the renderings of exactly this word."""

    def glosses(self, term: str) -> Sequence[str]:
        """Return what a dictionary says about it."""

    def readings(self, character: str) -> Sequence[str]:
        """Return the toneless pinyin readings of a character, commonest first."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A wrong rendering to expect.

    Attributes:
        form: the words, as a forbidden form lists them.
        way: how a translation comes to it; see the module's manual.
        confidence: in (0, 1], for ordering.
    """

    form: str
    way: str
    confidence: float


def suggest(
    source: str,
    lexicon: RenderingLexicon,
    entry: TermEntry | None = None,
    limit: int = 20,
    parts: Mapping[str, Sequence[str]] | None = None,
) -> tuple[Suggestion, ...]:
    """Return likely wrong renderings of a source term, the likeliest first.

    Args:
        entry: the term's entry, if it has one: its good renderings and known wrong ones are left out, and its kind
            says whether spellings are likely.
        limit: how many at most.
        parts: known wrong renderings of other terms, which this one may hold (主播 in 头部主播).
    """
    term = source.partition(" (")[0].strip("…· ")
    if not has_han(term):
        return ()
    found = [*_literal(term, lexicon, entry, parts or {}), *_glosses(term, lexicon), *_spellings(term, lexicon, entry)]
    known = _known(entry)
    best: dict[str, Suggestion] = {}
    for suggestion in found:
        key = _base(suggestion.form)
        if key and key not in known and suggestion.confidence > best.get(key, _NOTHING).confidence:
            best[key] = suggestion
    return tuple(sorted(best.values(), key=lambda each: (-each.confidence, each.form))[:limit])


_NOTHING = Suggestion("", "", 0.0)


def _known(entry: TermEntry | None) -> frozenset[str]:
    if entry is None:
        return frozenset()
    forms = (form.form for form in entry.forbidden)
    return frozenset(map(_base, (entry.target, *entry.admitted, *forms)))


def _base(form: str) -> str:
    """Return what two forms share that differ only in a leading article, hyphens, case or number."""
    words = surface_key(form).split()
    if words and words[0] in ("a", "an", "the"):
        words = words[1:]
    if words:
        words[-1] = inflection.noun_lemma(words[-1]) or words[-1]
    return " ".join(words)


def _literal(
    term: str, lexicon: RenderingLexicon, entry: TermEntry | None, known: Mapping[str, Sequence[str]]
) -> Iterator[Suggestion]:
    scored = []
    for parts in _splits(term):
        if len(parts) < 2:
            continue
        options = [_renderings(part, lexicon, known) for part in parts]
        if all(options):
            prior = math.prod(max(weight for _, weight in option) for option in options)
            scored.append((prior ** (1 / len(parts)) * _FURTHER_PART ** (len(parts) - 2), parts, options))
    scored.sort(key=lambda item: -item[0])
    for share, parts, options in scored[:_SPLITS]:
        for chosen in product(*(option[:_RENDERINGS] for option in options)):
            if len({*parts}) < len({*zip(parts, chosen, strict=True)}):
                # 滴滴 is one sound twice, and one word twice.
                continue
            weight = share * math.prod(value / option[0][1] for (_, value), option in zip(chosen, options, strict=True))
            yield from _composed([word for word, _ in chosen], weight, entry, len(parts))


def _composed(words: Sequence[str], weight: float, entry: TermEntry | None, parts: int) -> Iterator[Suggestion]:
    kind = entry.kind if entry else None
    if kind is not Kind.VERB or parts != 2:
        yield Suggestion(" ".join(words), "literal", weight)
    verb = inflection.verb_lemma(words[0]) or words[0]
    if parts == 2 and inflection.can_be(verb, "VERB") and kind not in (Kind.NAME, Kind.ADJECTIVE):
        yield Suggestion(f"{verb} {words[1]}", "literal", weight * 0.9)
        yield Suggestion(f"{verb} the {words[1]}", "literal", weight * (0.7 if kind is Kind.VERB else 0.3))
    if parts == 2 and all(inflection.can_be(word, "NOUN") for word in words) and kind is not Kind.VERB:
        yield Suggestion(f"{words[1]} of {inflection.plural(words[0])}", "literal", weight * 0.3)


def _splits(term: str, most: int = _MOST_PARTS) -> list[tuple[str, ...]]:
    """Return the ways to cut a term into at most `most` parts; a Latin stretch is never cut."""
    if not term:
        return [()]
    if not most or sum(map(is_han, term)) > most * _LONGEST_PART:
        return []
    first = next((n for n, char in enumerate(term) if is_han(char)), len(term))
    stretch = next((n for n, char in enumerate(term) if not is_han(char)), len(term))
    ends = [first] if first else range(1, min(stretch, _LONGEST_PART) + 1)
    return [(term[:end], *rest) for end in ends for rest in _splits(term[end:], most - 1)]


def _renderings(part: str, lexicon: RenderingLexicon, known: Mapping[str, Sequence[str]]) -> list[tuple[str, float]]:
    """Return the renderings of a part with weights in (0, 1], best first; inflections of one word count together."""
    if not has_han(part):
        return [(part, 1.0)]
    forms: dict[str, dict[str, float]] = {}
    spelling = _own_name(part, lexicon)
    for word, share in _weighted(part, lexicon, known):
        form = _plain(word, spelling)
        if form:
            shares = forms.setdefault(_lemma(form), {})
            shares[form] = shares.get(form, 0.0) + share
    weights = [(_usual(lemma, shares), sum(shares.values())) for lemma, shares in forms.items()]
    ranked = sorted(weights, key=lambda item: (-item[1], item[0]))
    return [(form, min(weight, 1.0)) for form, weight in ranked if weight > _LEAST_WEIGHT]


def _usual(lemma: str, shares: Mapping[str, float]) -> str:
    """Return the uninflected form, but the commonest one where the part is seldom rendered so ("goods", "media")."""
    common = shares.get(lemma, 0.0) >= _LEMMA_SHARE * sum(shares.values())
    return lemma if common else max(shares, key=lambda form: (shares[form], form))


def _weighted(part: str, lexicon: RenderingLexicon, known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
    """Yield what a part may be rendered by, with weights: what is known to happen, the lexicon, the dictionary."""
    # An entry lists first what happens most.
    yield from ((form, 0.9 * 0.8**number) for number, form in enumerate(known.get(part, ())))
    entries = lexicon.entries(part)
    listed = {entry.target for entry in entries}
    for entry in entries:
        word = entry.target
        positive = next((base for base in (word[:-2], word[:-1]) if word.endswith("er") and base in listed), word)
        yield positive, math.sqrt(entry.forward * max(entry.backward, entry.forward * _LEAST_BACKWARD))
    # A dictionary lists the rare senses of a character beside the common ones; of a word it has few.
    bonus = _WORD_GLOSS if len(part) > 1 else _CHARACTER_GLOSS
    for gloss in lexicon.glosses(part):
        if len(gloss.split(" ")) <= 2 and gloss.replace(" ", "").isalpha() and gloss.islower():
            yield gloss, bonus


def _plain(form: str, spelling: str) -> str:
    """Return a rendering as it would be written; empty for function words, and for names of something else.

    Args:
        spelling: the part in pinyin; empty where a name cannot stand for it.
    """
    if form in _FILLERS or not form.replace("-", "").replace(" ", "").isalpha():
        return ""
    if spelling and form == fold(spelling):
        return spelling
    return form if " " in form or inflection.is_ordinary(_lemma(form)) or spelling else ""


def _own_name(part: str, lexicon: RenderingLexicon) -> str:
    """Return a word of two characters or more in pinyin; a single character has no name of its own."""
    syllables = _syllables(part, lexicon)
    return joined(syllables) if len(syllables) > 1 else ""


def _lemma(form: str) -> str:
    head, space, word = form.rpartition(" ")
    return head + space + (inflection.noun_lemma(word) or inflection.verb_lemma(word) or word)


def _glosses(term: str, lexicon: RenderingLexicon) -> Iterator[Suggestion]:
    for number, gloss in enumerate(lexicon.glosses(term)):
        if "," not in gloss:
            yield Suggestion(gloss, "gloss", 0.6 * 0.9**number)
    for word, weight in _renderings(term, lexicon, {})[:_RENDERINGS]:
        yield Suggestion(word, "gloss", 0.5 * weight)


def _spellings(term: str, lexicon: RenderingLexicon, entry: TermEntry | None) -> Iterator[Suggestion]:
    syllables = _syllables(term, lexicon)
    if not 2 <= len(syllables) <= 6:
        return
    share = 1.0 if entry is None or entry.kind is Kind.NAME else 0.2
    yield Suggestion(joined(syllables), "pinyin", 0.35 * share)
    yield Suggestion(spaced(syllables), "pinyin", 0.3 * share)
    for number, slip in enumerate(islice(garblings(syllables), 8)):
        yield Suggestion(slip, "garbled", 0.12 * 0.9**number * share)
    if len(syllables) <= 3:
        head = _renderings(term[:-1], lexicon, {})
        tail = _renderings(term[-1], lexicon, {})
        if head:
            yield Suggestion(f"{head[0][0]} {syllables[-1]}", "mixed", 0.08 * share)
        if tail:
            yield Suggestion(f"{joined(syllables[:-1])} {tail[0][0].capitalize()}", "mixed", 0.06 * share)


def _syllables(term: str, lexicon: RenderingLexicon) -> list[str]:
    """Return the commonest reading of each character; empty where one has none."""
    readings = [lexicon.readings(char) for char in term]
    return [each[0] for each in readings] if all(readings) else []
