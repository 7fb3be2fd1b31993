"""What a text is about, and which guard words stand in a sentence.

Three questions are answered here, each in one automaton pass over as little text as possible: which guard words does
this sentence hold, which words that place a text in a domain does it hold, and how dense are those in the document
around it. The last is a running estimate, so that the first "quick hands" of an article profits from its tenth
"live broadcast", while a far-off chapter on music does not.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial

from regloss.glossary import inflection
from regloss.glossary.entry import Guard
from regloss.glossary.forms import surface_key
from regloss.glossary.store import Glossary
from regloss.repair.matcher import Hit, PhraseIndex, phrase_surfaces

__all__ = ["ContextIndex", "DocumentContext", "SentenceContext"]

WINDOW = 6000
"""Reach of the running domain estimate, in code points to either side: a long news page."""

GENERAL = "general"
_NO_GROUP = -1


@dataclass(frozen=True, slots=True)
class _Mark:
    domain: str
    strong: bool
    word: str


class _DomainWords:
    """The words that place a text in one domain, by the number of what shows them.

    Most are shown by one number alone, so that numbers can be counted for words.
    """

    def __init__(self, shown: Mapping[int, Iterable[_Mark]]) -> None:
        marks = {(number, mark.word, mark.strong) for number, found in shown.items() for mark in found}
        words = Counter(word for _, word, _ in marks)
        numbers = Counter(number for number, _, _ in marks)
        alone = {(number, strong) for number, word, strong in marks if words[word] == numbers[number] == 1}
        self._strong = frozenset(number for number, strong in alone if strong)
        self._weak = frozenset(number for number, strong in alone if not strong)
        counted = self._strong | self._weak
        self._shared = {number: tuple(found) for number, found in shown.items() if number not in counted}
        self._sharing = frozenset(self._shared)

    def count(self, near: AbstractSet[int]) -> tuple[int, int]:
        """Return how many different strong words, and how many that are only weak, the numbers in `near` show."""
        marks = [mark for number in near & self._sharing for mark in self._shared[number]]
        strong = {mark.word for mark in marks if mark.strong}
        weak = {mark.word for mark in marks if not mark.strong} - strong
        return len(near & self._strong) + len(strong), len(near & self._weak) + len(weak)


GuardWords = Mapping[str, Sequence[tuple[int, int, int]]]
"""Where each guard word stands: (rank among all of the sentence, start, end), in order."""


@dataclass(frozen=True, slots=True)
class SentenceContext:
    """Guard words and domain words of one sentence, by surface key of the word as the glossary lists it.

    Guard words are looked for when somebody asks for one: many terms have no guard.
    """

    guard_words: Callable[[], GuardWords]
    strong: frozenset[str]
    weak: frozenset[str]

    def holds(self, words: tuple[str, ...], start: int, end: int) -> str | None:
        """Return the first of `words` that stands in the sentence, not within [start, end), else None."""
        if not words:
            return None
        wanted, found = _keys(words), self.guard_words()
        outside = (
            next(((rank, key) for rank, at, to in found[key] if not (start <= at and to <= end)), None)
            for key in wanted.keys() & found.keys()
        )
        first = min(filter(None, outside), default=None)
        return wanted[first[1]] if first else None


@cache
def _keys(words: tuple[str, ...]) -> dict[str, str]:
    return {surface_key(word): word for word in words}


class ContextIndex:
    """The guard words and domain words of a whole glossary, ready to be looked up.

    Guard words are many and common, but matter in a suspicious sentence alone; the words of a domain are looked for in
    the whole text, in the same pass as the terms.

    Attributes:
        phrases: what to look for in a text: those given, and after them the words that place it in a domain.
    """

    def __init__(self, glossary: Glossary, phrases: Iterable[str] = (), others: int = 0) -> None:
        """Make the index; `others` is how many more things have numbers after those of `phrases`."""
        owners: dict[str, dict[str, None]] = {}
        for guard in _guards(glossary):
            for word in (*guard.unless, *guard.when):
                for surface in phrase_surfaces(word):
                    owners.setdefault(surface, {}).setdefault(surface_key(word))
        marks: dict[str, dict[_Mark, None]] = {}
        for mark in _marks(glossary):
            for surface in phrase_surfaces(mark.word):
                marks.setdefault(surface, {}).setdefault(mark)
        owners.pop("", None)
        marks.pop("", None)
        self._owners = [tuple(words) for words in owners.values()]
        self._owned = PhraseIndex(tuple(owners))
        self._marked = PhraseIndex(tuple(marks))
        self._marks = [tuple(found) for found in marks.values()]
        self.phrases = tuple(dict.fromkeys((*phrases, *marks)))
        self._domains: dict[str, _DomainWords] = {}
        # The inflections of a word say the same, so they are one group.
        self._groups: dict[tuple[_Mark, ...], int] = {}
        for found in self._marks:
            self._groups.setdefault(found, len(self._groups))
        self._group_of = [self._groups.get(tuple(marks.get(phrase, ())), _NO_GROUP) for phrase in self.phrases]
        self._group_of += [_NO_GROUP] * others

    def guard_words(self, text: str, key: str) -> Iterator[tuple[str, int, int]]:
        """Yield (guard word, start, end) of every hit, by position."""
        return ((word, start, -end) for start, end, n in self._owned.hits(key, text) for word in self._owners[n])

    def marks(self, text: str, key: str) -> Iterator[_Mark]:
        """Yield every word that places the text in a domain, by position."""
        return (mark for _, _, n in self._marked.hits(key, text) for mark in self._marks[n])

    def of_domain(self, domain: str) -> _DomainWords:
        """Return the words that place a text in `domain`, by the groups that show them."""
        if domain not in self._domains:
            mine = {
                group: [mark for mark in marks if mark.domain in (domain, GENERAL)]
                for marks, group in self._groups.items()
            }
            self._domains[domain] = _DomainWords({group: marks for group, marks in mine.items() if marks})
        return self._domains[domain]

    def groups(self, hits: Sequence[Hit]) -> tuple[list[int], list[int]]:
        """Return where the hits begin, and the group of each; `_NO_GROUP` for one that says nothing about a domain."""
        group_of = self._group_of
        return [start for start, _, _ in hits], [group_of[number] for _, _, number in hits]


def _guards(glossary: Glossary) -> Iterable[Guard]:
    for entry in glossary.entries:
        yield entry.guard
        yield from (forbidden.guard for forbidden in entry.forbidden)


def _marks(glossary: Glossary) -> Iterable[_Mark]:
    for domain, context in glossary.contexts.items():
        yield from (_Mark(domain, True, word) for word in context.strong)
        yield from (_Mark(domain, False, word) for word in context.weak)
    for entry in glossary.entries:
        if entry.kind == "name":
            yield from (_Mark(entry.domain, True, name) for name in (entry.target, *entry.admitted) if _distinct(name))


def _distinct(name: str) -> bool:
    # "JD.com" or "Kuaishou" place a text; "Moments" or "Channels" would place any text.
    return name[:1].isupper() and not any(word.islower() for word in name.split(" ")) and not _plain(name)


def _plain(name: str) -> bool:
    return all(inflection.is_ordinary(word.lower()) for word in name.split(" "))


class DocumentContext:
    """What one document says about its domain.

    Attributes:
        asked: the answers of `density` so far, as (position, domain, answer), in order.
    """

    def __init__(self, index: ContextIndex, text: str, key: str, hits: Sequence[Hit]) -> None:
        """Make the context of `text`, whose `surface_key` is `key`; `hits` are those of the index's phrases in it."""
        self._index = index
        self._text = text
        self._key = key
        self._starts, self._groups = index.groups(hits)
        self._guarded: dict[tuple[int, int], GuardWords] = {}
        self._seen: dict[tuple[int, int, str], SentenceContext] = {}
        self.asked: list[tuple[int, str, tuple[int, int]]] = []

    def sentence(self, start: int, end: int, domain: str) -> SentenceContext:
        """Return what the sentence at [start, end) says, as seen from an entry of `domain`."""
        asked = start, end, domain
        if asked not in self._seen:
            marks = self._index.marks(self._text[start:end], self._key[start:end])
            mine = [mark for mark in marks if mark.domain in (domain, GENERAL)]
            self._seen[asked] = SentenceContext(
                guard_words=partial(self._guard_words, start, end),
                strong=frozenset(mark.word for mark in mine if mark.strong),
                weak=frozenset(mark.word for mark in mine if not mark.strong),
            )
        return self._seen[asked]

    def _guard_words(self, start: int, end: int) -> GuardWords:
        if (start, end) not in self._guarded:
            found: dict[str, list[tuple[int, int, int]]] = {}
            for rank, (word, s, e) in enumerate(self._index.guard_words(self._text[start:end], self._key[start:end])):
                found.setdefault(word, []).append((rank, start + s, start + e))
            self._guarded[start, end] = found
        return self._guarded[start, end]

    def density(self, position: int, domain: str) -> tuple[int, int]:
        """Return how many different strong and weak words of `domain` stand within reach of `position`."""
        first = bisect_left(self._starts, position - WINDOW)
        last = bisect_right(self._starts, position + WINDOW)
        answer = self._index.of_domain(domain).count(set(self._groups[first:last]))
        self.asked.append((position, domain, answer))
        return answer
