"""Puts target terms inline in Chinese sentences, so that the model learns to copy what a glossary puts there.

The method is that of Dinu et al. (2019), "Training neural machine translation to apply terminology constraints",
with replacement of the source word. The terms come from dictionary lines of the corpus and from the bilingual lexicon,
wherever the English sentence holds the gloss or an inflected form of it. Three things go beyond copying:

- half of the time (`dictionary_form`) the *base form* stands inline though the sentence needs another, as a glossary
  has it at run time, so that the model learns to inflect ("loyal fan" inline, "loyal fans" wanted);
- up to `most` terms stand in one sentence;
- a name may be exchanged on both sides for some other name (`exchange`), which only copying can get right.

`terms.tsv` holds one term a line: Chinese, tab, base form, tab, other forms with ``|`` between.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from trainer.corpus import Pair
from trainer.recipe import TermPlan

__all__ = ["Term", "TermBook", "collect_terms", "inline_versions", "read_terms", "write_terms"]

_LONGEST = 6
# p(target | source) and p(source | target) from which on the lexicon is believed.
_SURE = (0.4, 0.1)
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_GLOSS = re.compile(r"[A-Za-z][A-Za-z'’ -]{2,38}")
_LEAD = re.compile(r"^(?:to|an?|the) ", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# Words of grammar, of which no glossary is made.
_COMMON = frozenset(
    "about above after again against also although among and another are because been before being below between both "
    "but came can come could did does doing done down during each either even every for from further get give given "
    "had has have having her here hers him his how however into its just like made make many may might more most much "
    "must not now off often once one only other others our out over own same see seem shall she should since some such "
    "take than that the their them then there these they thing this those through too two under until upon use used "
    "using very was way well were what when where which while who whom whose why will with within without would yet "
    "you your".split()
)


@dataclass(frozen=True, slots=True)
class Term:
    """A Chinese word with an English rendering, its base form and its other forms."""

    source: str
    base: str
    forms: tuple[str, ...] = ()

    @property
    def is_name(self) -> bool:
        """Tell whether every word of the rendering is capitalised."""
        return all(word[:1].isupper() for word in self.base.split())


@dataclass(frozen=True, slots=True)
class TermBook:
    """Terms by their Chinese word, and all names."""

    by_source: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """A term that stands in both sentences: where, and as what in the English."""

    start: int
    end: int
    term: Term
    target_start: int
    target_end: int


def collect_terms(pairs: Iterable[Pair], dictionaries: Iterable[str]) -> list[Term]:
    """Return the terms of the dictionary lines among `pairs`, and of the bilingual lexicon for words of the others.

    The lexicon (``models/zh-en-lexicon``) and inflections (lemminflect) need regloss to be installed; without it the
    terms are those of the dictionaries, in one form each.
    """
    named = set(dictionaries)
    found: dict[tuple[str, str], None] = {}
    words: dict[str, None] = {}
    for pair in pairs:
        if pair.origin in named:
            gloss = _LEAD.sub("", pair.target)
            if _is_term(pair.source, gloss):
                found.setdefault((pair.source, gloss))
        else:
            words.update(dict.fromkeys(_substrings(pair.source, 4)))
    found.update(dict.fromkeys(_lexicon_terms(words)))
    return [Term(source, base, _other_forms(base)) for source, base in found]


def _is_term(source: str, gloss: str) -> bool:
    words = gloss.split(" ")
    return (
        2 <= len(source) <= _LONGEST
        and _HAN.fullmatch(source) is not None
        and _GLOSS.fullmatch(gloss) is not None
        and len(words) <= 4
        and any(len(word) >= 4 and word.lower() not in _COMMON for word in words)
    )


def _substrings(text: str, longest: int) -> Iterator[str]:
    for run in _HAN.findall(text):
        for start in range(len(run) - 1):
            for end in range(start + 2, min(start + longest, len(run)) + 1):
                yield run[start:end]


def _lexicon_terms(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    try:
        from regloss.alignment.lexicon import load_lexicon
    except ImportError:
        return
    lexicon = load_lexicon()
    for word in words:
        for entry in lexicon.entries(word):
            if entry.forward >= _SURE[0] and entry.backward >= _SURE[1] and _is_term(word, entry.target):
                yield word, _base_form(entry.target)


def _base_form(word: str) -> str:
    """Return the singular of a noun, the infinitive of a verb: the lexicon knows words as they stand in texts."""
    try:
        from lemminflect import getAllLemmas
    except ImportError:
        return word
    lemmas = getAllLemmas(word)
    found = [lemmas[kind][0] for kind in ("NOUN", "VERB") if kind in lemmas]
    return str(found[0]) if found else word


def _other_forms(base: str) -> tuple[str, ...]:
    """Inflect the last word, or the first of a phrasal verb; names are left alone."""
    try:
        from lemminflect import getAllInflections
    except ImportError:
        return ()
    words = base.split(" ")
    if words[-1][:1].isupper():
        return ()
    forms: dict[str, None] = {}
    for place in dict.fromkeys((len(words) - 1, 0)):
        for inflected in getAllInflections(words[place]).values():
            for form in inflected:
                forms.setdefault(" ".join([*words[:place], form, *words[place + 1 :]]))
    forms.pop(base, None)
    return tuple(forms)


def write_terms(path: Path, terms: Iterable[Term]) -> None:
    """Write `terms.tsv`, whole or not at all."""
    temporary = path.with_name(f".{path.name}.part")
    with temporary.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{term.source}\t{term.base}\t{'|'.join(term.forms)}\n" for term in terms)
    temporary.replace(path)


def read_terms(path: Path) -> TermBook:
    """Read `terms.tsv`."""
    by_source: dict[str, list[Term]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        source, base, forms = line.split("\t")
        by_source[source].append(Term(source, base, tuple(filter(None, forms.split("|")))))
    names = dict.fromkeys(t.base for terms in by_source.values() for t in terms if t.is_name)
    return TermBook({source: tuple(terms) for source, terms in by_source.items()}, tuple(names))


def inline_versions(pair: Pair, book: TermBook, plan: TermPlan, rng: random.Random) -> list[tuple[str, str]]:
    """Return up to `plan.versions` different (source, target) with terms inline; none where no term is found."""
    matches = _matches(pair, book)
    versions: dict[tuple[str, str], None] = {}
    for _ in range(plan.versions if matches else 0):
        chosen = rng.sample(matches, min(len(matches), rng.randint(1, plan.most)))
        versions.setdefault(_inlined(pair, chosen, book, plan, rng))
    return list(versions)


def _matches(pair: Pair, book: TermBook) -> list[_Match]:
    """Find terms from left to right, longer ones first, that do not overlap on either side."""
    words = [(m.start(), m.end()) for m in _WORD.finditer(pair.target)]
    lowered = pair.target.lower()
    if len(lowered) != len(pair.target):
        return []
    starts = {lowered[start:end]: (start, end) for start, end in reversed(words)}
    found: list[_Match] = []
    position = 0
    while position < len(pair.source):
        match = _match_at(pair, position, book, lowered, starts)
        if match and all(match.target_end <= m.target_start or match.target_start >= m.target_end for m in found):
            found.append(match)
            position = match.end
        else:
            position += 1
    return found


def _match_at(
    pair: Pair, position: int, book: TermBook, lowered: str, starts: dict[str, tuple[int, int]]
) -> _Match | None:
    for end in range(min(position + _LONGEST, len(pair.source)), position + 1, -1):
        for term in book.by_source.get(pair.source[position:end], ()):
            for form in (term.base, *term.forms):
                first = form.lower().partition(" ")[0]
                place = starts.get(first)
                if place is None:
                    continue
                stop = place[0] + len(form)
                whole = lowered[place[0] : stop] == form.lower() and not lowered[stop : stop + 1].isalnum()
                if whole and not (form.islower() and _is_part_of_name(pair.target, place[0], stop)):
                    return _Match(position, end, term, place[0], stop)
    return None


def _is_part_of_name(text: str, start: int, end: int) -> bool:
    """Tell whether a capitalised word stands next to another: "Hong" alone would be no rendering of 香港."""
    before, after = text[:start].split(" "), text[end:].split(" ")
    beside = (before[-2] if len(before) > 1 else "", after[1] if len(after) > 1 and not after[0] else "")
    return text[start].isupper() and any(word[:1].isupper() for word in beside)


def _inlined(pair: Pair, chosen: list[_Match], book: TermBook, plan: TermPlan, rng: random.Random) -> tuple[str, str]:
    source, target = pair.source, pair.target
    put: list[tuple[_Match, str, str]] = []
    for match in chosen:
        surface = target[match.target_start : match.target_end]
        inline = match.term.base if rng.random() < plan.dictionary_form else surface
        if match.target_start > 0 and inline.lower() == surface.lower():
            # The lexicon is in lower case; within a sentence the text knows better.
            inline = surface
        if match.term.is_name and surface == match.term.base and book.names and rng.random() < plan.exchange:
            inline = surface = rng.choice(book.names)
        put.append((match, inline, surface))
    for match, inline, _ in sorted(put, key=lambda p: -p[0].start):
        source = f"{source[: match.start]} {inline} {source[match.end :]}"
    for match, _, surface in sorted(put, key=lambda p: -p[0].target_start):
        target = target[: match.target_start] + surface + target[match.target_end :]
    return " ".join(source.split()), target
