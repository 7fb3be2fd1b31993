"""The little English grammar that a replacement needs: tokens around a match, articles, number, agreement.

No tagger is loaded: closed word classes are listed, open ones come from the dictionary, and where a reading stays
doubtful the functions answer in the way that changes less.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import overload

from regloss.glossary import inflection
from regloss.text import is_title_case, is_upper, words

__all__ = [
    "Token",
    "Tokens",
    "agreement",
    "article_for",
    "is_attributive",
    "is_noun_slot",
    "is_subject",
    "starts_with_vowel_sound",
]

DETERMINERS = frozenset("a an the this that these those each every some any no another all both many several".split())
POSSESSIVES = frozenset("my your his her its our their whose".split())
PREPOSITIONS = frozenset(
    "about above across after against along among around as at before behind below beneath beside besides"
    " between beyond by despite during except for from in inside into like near of off on onto out outside"
    " over past per since than through throughout to toward towards under unlike until up upon via with"
    " within without versus vs".split()
)
SUBORDINATORS = frozenset(
    "that because if when while although though whether unless whereas since as but so yet where why how"
    " what which who before after until once and or".split()
)
AUXILIARIES = frozenset(
    "is are was were am be been being has have had do does did can could may might must shall should will"
    " would isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't can't cannot couldn't"
    " won't wouldn't shouldn't mustn't".split()
)
MODALS = frozenset("can could may might must shall should will would to".split())
PRONOUNS = frozenset("i you he she it we they who me him her us them".split())
ADVERBS = frozenset(
    "also still now always never often already just only even both all ever really soon then again not"
    " usually recently currently obviously clearly actually probably finally once therefore thus certainly".split()
)
_NO_NOUN = (
    DETERMINERS
    | POSSESSIVES
    | PREPOSITIONS
    | SUBORDINATORS
    | PRONOUNS
    | ADVERBS
    | frozenset("there here such very too more most less itself himself herself themselves ourselves".split())
)
_SINGULAR_AUXILIARY = {
    "are": "is", "were": "was", "have": "has", "do": "does", "aren't": "isn't", "weren't": "wasn't",
    "haven't": "hasn't", "don't": "doesn't",
}  # fmt: skip
FAR = 60
"""Farthest that is looked for what belongs to a match, in words; a text without stops is one long sentence."""
_SINGULAR_PRONOUN = {"they": "it", "them": "it", "their": "its", "theirs": "its", "themselves": "itself"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the sentence; `lower` has plain apostrophes."""

    start: int
    end: int
    text: str
    lower: str


class Tokens:
    """The words of one sentence, with the text between them at hand; they are looked up when they are asked for."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end

    @cached_property
    def _bounds(self) -> tuple[list[int], list[int]]:
        """Where the words begin, and where they end."""
        found = [*words(self.text[self.start : self.end])]
        return [self.start + start for start, _ in found], [self.start + end for _, end in found]

    @cached_property
    def is_upper(self) -> bool:
        """Whether the sentence is set in capitals."""
        return is_upper(self.text[self.start : self.end])

    @cached_property
    def is_title_case(self) -> bool:
        """Whether the sentence is a title in title case."""
        return is_title_case(self.text[self.start : self.end])

    def word(self, number: int) -> Token:
        """Return a word by its place in the sentence."""
        start, end = self._bounds[0][number], self._bounds[1][number]
        text = self.text[start:end]
        return Token(start, end, text, text.lower().replace("’", "'"))

    def before(self, position: int) -> Sequence[Token]:
        """Return the words that end at or before `position`, nearest first."""
        return _Words(self, range(bisect_right(self._bounds[1], position) - 1, -1, -1))

    def after(self, position: int) -> Sequence[Token]:
        """Return the words that start at or after `position`, nearest first."""
        return _Words(self, range(bisect_left(self._bounds[0], position), len(self._bounds[0])))

    def gap(self, left: int, right: int) -> str:
        """Return the text between two positions."""
        return self.text[left:right]

    def adjacent_after(self, position: int) -> Token | None:
        """Return the next word if only a space (or hyphen) lies between."""
        following = self.after(position)
        return following[0] if following and self.gap(position, following[0].start) in (" ", "-", "\n") else None

    def adjacent_before(self, position: int) -> Token | None:
        """Return the word before if only a space lies between."""
        preceding = self.before(position)
        return preceding[0] if preceding and self.gap(preceding[0].end, position) in (" ", "\n") else None


class _Words(Sequence[Token]):
    """Some words of a sentence; seldom more than the nearest is looked at."""

    def __init__(self, tokens: Tokens, numbers: range) -> None:
        self._tokens = tokens
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Token]:
        return map(self._tokens.word, self._numbers)

    @overload
    def __getitem__(self, place: int) -> Token: ...

    @overload
    def __getitem__(self, place: slice) -> "_Words": ...

    def __getitem__(self, place: int | slice) -> "Token | _Words":
        if isinstance(place, slice):
            return _Words(self._tokens, self._numbers[place])
        return self._tokens.word(self._numbers[place])


def starts_with_vowel_sound(text: str) -> bool:
    """Tell whether `text` takes *an*: by sound for the common exceptions, by letter name for short acronyms."""
    word = re.match(r"[^\W_]+", text)
    if word is None:
        return False
    first = word.group()
    if first.isupper() and len(first) > 1 and (len(first) < 4 or not re.search("[AEIOU]", first)):
        return first[0] in "AEFHILMNORSX"
    lower = first.lower()
    if re.match(r"(hour|honest|honou?r|heir)", lower):
        return True
    if re.match(r"(uni([^nm]|$)|us[aeiu]|uk|ut[aei]|eu|one(?!r|i)|once|ubiq)", lower):
        return False
    return lower[0] in "aeiou" or lower.startswith(("8", "11", "18"))


def article_for(text: str, *, like: str) -> str:
    """Return *a* or *an* as `text` wants it, with the capital letter of `like`."""
    article = "an" if starts_with_vowel_sound(text) else "a"
    return article.capitalize() if like[:1].isupper() else article


def _finite_verb(word: str) -> bool:
    """Tell whether `word` cannot well be anything but a verb with a subject before it."""
    if word in AUXILIARIES:
        return word not in {"be", "been", "being"}
    tag = inflection.verb_tag(word)
    return tag in {"VBZ", "VBD"} and not inflection.can_be(word, "NOUN") and not inflection.can_be(word, "ADJ")


def _bare_verb(tokens: Tokens, token: Token) -> bool:
    """Tell whether `token` is a plural present verb: a base form followed as verbs are followed."""
    if token.lower in ADVERBS or inflection.verb_tag(token.lower) != "VB":
        return False
    if not inflection.can_be(token.lower, "NOUN") and not inflection.can_be(token.lower, "ADJ"):
        return True
    following = tokens.adjacent_after(token.end)
    if following is None:
        return False
    if following.text[:1].isupper() and not inflection.is_ordinary(following.lower):
        # A name after it can only be its object ("need JD.com").
        return True
    return (
        following.lower in DETERMINERS | POSSESSIVES | PRONOUNS | {"to", "with", "on", "in", "from", "more", "up"}
        or inflection.is_plural_noun(following.lower)
        or following.lower[0].isdigit()
    )


def is_attributive(tokens: Tokens, end: int, *, plural: bool) -> bool:
    """Tell whether what ends at `end` stands before a noun that it describes ("quick-hand *anchors*").

    Args:
        plural: what ends there is plural; English seldom puts plurals before nouns, so a verb reading wins.
    """
    following = tokens.adjacent_after(end)
    if following is None or following.lower in _NO_NOUN or _finite_verb(following.lower):
        return False
    word = following.lower.removesuffix("'s").removesuffix("'")
    tag = inflection.verb_tag(word)
    if tag is not None and (plural or (tag in {"VBZ", "VBD"} and _reads_as_verb(tokens, following, word))):
        return False
    if word.endswith("ly") and inflection.can_be(word, "ADV") and not inflection.can_be(word, "NOUN"):
        return False
    if inflection.can_be(word, "ADJ") and not inflection.can_be(word, "NOUN"):
        # "the quick-hand rural users", but "are the quick hands profitable?"
        return is_attributive(tokens, following.end, plural=False)
    return inflection.can_be(word, "NOUN") or not inflection.is_ordinary(word)


def _reads_as_verb(tokens: Tokens, token: Token, word: str) -> bool:
    """Tell whether a word that may be a past tense or a third person is one ("quick-hand *shops*" is not)."""
    if not inflection.can_be(word, "NOUN"):
        return True
    after = tokens.adjacent_after(token.end)
    return after is not None and after.lower in DETERMINERS | POSSESSIVES


def _skip_determiner(tokens: Tokens, start: int) -> tuple[int, Token | None]:
    before = tokens.adjacent_before(start)
    if before is not None and before.lower in {"the", "a", "an", "these", "those", "this", "that"}:
        return before.start, before
    return start, None


def is_subject(tokens: Tokens, start: int) -> bool:
    """Tell whether the noun phrase that starts at `start` begins a clause, so that a verb after it agrees with it."""
    start, _ = _skip_determiner(tokens, start)
    preceding = tokens.before(start)
    if not preceding:
        return True
    gap = tokens.gap(preceding[0].end, start)
    if any(mark in gap for mark in '.;:!?—–"“‘('):
        return True
    word = preceding[0].lower
    if word in AUXILIARIES and gap == " ":
        opens = len(preceding) == 1 or bool(set(tokens.gap(preceding[1].end, preceding[0].start)) & set('.;:!?—"“'))
        return opens or _opens_question(tokens, preceding)
    if "," in gap:
        return not _in_list(tokens, start)
    return word in SUBORDINATORS - {"and", "or"}


def _in_list(tokens: Tokens, start: int) -> bool:
    """Tell whether a comma before `start` separates members of a list rather than clauses."""
    for token in tokens.after(start)[:7]:
        if token.lower in {"and", "or"}:
            return True
        if _finite_verb(token.lower) or (
            inflection.verb_tag(token.lower) == "VB" and not inflection.can_be(token.lower, "NOUN")
        ):
            return False
    return False


def is_coordinated(tokens: Tokens, start: int, end: int) -> bool:
    """Tell whether [start, end) is one member of a coordination ("X and *Y*", "*X*, Y and Z")."""
    start, _ = _skip_determiner(tokens, start)
    preceding, following = tokens.before(start), tokens.after(end)
    if preceding and preceding[0].lower in {"and", "or", "nor"} and tokens.gap(preceding[0].end, start) == " ":
        earlier = preceding[1] if len(preceding) > 1 else None
        return earlier is not None and "," not in tokens.gap(earlier.end, preceding[0].start)
    if not following:
        return False
    gap = tokens.gap(end, following[0].start)
    return (gap == " " and following[0].lower in {"and", "or"}) or (gap == ", " and _in_list(tokens, end))


def is_noun_slot(tokens: Tokens, start: int, end: int) -> bool | None:
    """Tell whether a name could stand at [start, end); None where the sentence does not say.

    Used for names whose wrong rendering looks like a verb phrase or a clause ("fight more", "know almost").
    """
    start, determiner = _skip_determiner(tokens, start)
    preceding, following = tokens.before(start), tokens.after(end)
    previous = preceding[0] if preceding and tokens.gap(preceding[0].end, start).strip(" ") == "" else None
    after = following[0] if following and tokens.gap(end, following[0].start) in (" ", "\n") else None
    if tokens.text[end : end + 2] in ("'s", "’s"):
        return True
    if determiner is not None or (previous is not None and previous.lower in PREPOSITIONS - {"to"}):
        return True
    if after is not None and _finite_verb(after.lower):
        return True
    if previous is not None and previous.lower in {"and", "or"} and after is not None and _finite_verb(after.lower):
        return True
    if previous is not None and previous.lower in AUXILIARIES and _opens_question(tokens, preceding):
        return True
    if previous is not None and (previous.lower in MODALS | PRONOUNS or inflection.is_plural_noun(previous.lower)):
        return False
    return None


def _opens_question(tokens: Tokens, preceding: Sequence[Token]) -> bool:
    """Tell whether the word before is the auxiliary that opens a question ("*Are* quick hands the next Taobao?")."""
    asked = all(token.lower in {"why", "how", "when", "where", "what", "so", "and", "but"} for token in preceding[1:])
    return asked and tokens.text[tokens.start : tokens.end].rstrip(" \"”’'").endswith("?")


@dataclass(frozen=True, slots=True)
class Change:
    """A word that agreement changes."""

    start: int
    end: int
    after: str


def agreement(tokens: Tokens, start: int, end: int) -> tuple[Change, ...]:
    """Return what else must change when the plural at [start, end) becomes a singular.

    The verb of which it is the subject, the auxiliary before it in a question, a second verb joined by *and*, and the
    pronouns that mean it, as long as no other plural noun could be meant.
    """
    if is_coordinated(tokens, start, end):
        return ()
    asked = {token.lower for token in tokens.before(start)[:1]} <= {"what", "whatever"} and bool(tokens.before(start))
    changes = list(_inverted(tokens, start)) or (
        list(_verb(tokens, end, certain=asked)) if is_subject(tokens, start) else []
    )
    reflexive = tokens.adjacent_after(end)
    if reflexive is not None and reflexive.lower == "themselves" and is_subject(tokens, start):
        changes = [_swap(reflexive, "itself"), *_verb(tokens, reflexive.end)]
    if not changes and not (is_subject(tokens, start) and _past_follows(tokens, end)):
        return ()
    return tuple(sorted([*changes, *_pronouns(tokens, max([end, *(c.end for c in changes)]))], key=lambda c: c.start))


def _past_follows(tokens: Tokens, end: int) -> bool:
    following = tokens.adjacent_after(end)
    return following is not None and (inflection.verb_tag(following.lower) == "VBD" or following.lower in MODALS)


def _swap(token: Token, after: str) -> Change:
    return Change(token.start, token.end, after.upper() if token.text.isupper() else _capital_as(token, after))


def _capital_as(token: Token, after: str) -> str:
    return after.capitalize() if token.text[:1].isupper() else after


def _inverted(tokens: Tokens, start: int) -> Iterator[Change]:
    start, _ = _skip_determiner(tokens, start)
    before = tokens.before(start)
    if not before or tokens.gap(before[0].end, start) != " " or before[0].lower not in _SINGULAR_AUXILIARY:
        return
    auxiliary = before[0]
    earlier = before[1] if len(before) > 1 else None
    opens = earlier is None or any(mark in tokens.gap(earlier.end, auxiliary.start) for mark in '.;:!?—"“,')
    if opens or (earlier is not None and earlier.lower in {"what", "why", "how", "when", "where", "nor", "which"}):
        # "Were they to open …" is a subjunctive and stays.
        if not (auxiliary.lower == "were" and any(t.lower == "to" for t in tokens.after(start)[:5])):
            yield _swap(auxiliary, _SINGULAR_AUXILIARY[auxiliary.lower])
        else:
            yield Change(auxiliary.start, auxiliary.end, auxiliary.text)


def _verb(tokens: Tokens, end: int, *, certain: bool = False) -> Iterator[Change]:
    """Yield the change to the verb right after `end`; `certain` says that only a verb can stand there."""
    verb = tokens.adjacent_after(end)
    while verb is not None and verb.lower in ADVERBS:
        verb = tokens.adjacent_after(verb.end)
    if verb is None:
        return
    if verb.lower in _SINGULAR_AUXILIARY:
        yield _swap(verb, _SINGULAR_AUXILIARY[verb.lower])
    elif _bare_verb(tokens, verb) or (certain and inflection.verb_tag(verb.lower) == "VB"):
        yield _swap(verb, inflection.inflect_head(verb.lower, "VBZ"))
    else:
        return
    yield from _second_verb(tokens, verb)


def _second_verb(tokens: Tokens, verb: Token) -> Iterator[Change]:
    """Yield the change to a verb joined by *and* in the same clause ("seem isolated and *need* to find")."""
    following = tokens.after(verb.end)
    for position, (joint, second) in enumerate(pairwise(following)):
        if re.search(r"[,.;:!?]", tokens.gap(verb.end, joint.start)) or position > 8:
            return
        if joint.lower == "to" or joint.lower in MODALS:
            return
        if joint.lower in {"and", "but"}:
            after = tokens.adjacent_after(second.end)
            if second.lower in _SINGULAR_AUXILIARY:
                yield _swap(second, _SINGULAR_AUXILIARY[second.lower])
            elif (
                inflection.verb_tag(second.lower) == "VB"
                and after is not None
                and after.lower in {"to", "a", "an", "the"}
            ):
                yield _swap(second, inflection.inflect_head(second.lower, "VBZ"))
            return


def _pronouns(tokens: Tokens, end: int) -> Iterator[Change]:
    rival = False
    following = tokens.after(end)[:FAR]
    for previous, token in zip([None, *following], following, strict=False):
        if token.lower in _SINGULAR_PRONOUN:
            opens = previous is not None and any(mark in tokens.gap(previous.end, token.start) for mark in ",;:—")
            if rival and not (token.lower == "they" and opens):
                return
            yield _swap(token, _SINGULAR_PRONOUN[token.lower])
            if token.lower == "they":
                yield from _verb(tokens, token.end, certain=True)
        elif inflection.is_plural_noun(token.lower) and not inflection.can_be(token.lower, "VERB"):
            rival = True
