"""Turn one match into one grammatical unit: article, number, inflection, letter case and what agrees with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from regloss.glossary import inflection
from regloss.glossary.entry import CaseRule, Kind
from regloss.glossary.forms import Form, SurfaceForm, surface_key
from regloss.repair import grammar
from regloss.repair.grammar import Change, Token, Tokens
from regloss.text import is_upper, match_case

__all__ = ["Rewrite", "rewrite"]


_NUMBER = r"(?:about |nearly |almost |over |more than |another )?\d[\d,.]*(?: (?:thousand|million|billion))?"
_AMOUNT = re.compile(rf" by ({_NUMBER})(?![\w%,.]*\d|\w|%| per ?cent)")
_PERFECT = frozenset({"have", "has", "had", "having", "be", "been", "being", "is", "are", "was", "were"})


@dataclass(frozen=True, slots=True)
class Rewrite:
    """What a match becomes: `after` replaces [start, end), and `changes` are words elsewhere that agree with it."""

    start: int
    end: int
    after: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A match in its sentence."""

    tokens: Tokens
    start: int
    end: int
    surface: SurfaceForm
    after_name: bool
    before_noun: bool

    @property
    def text(self) -> str:
        return self.tokens.text[self.start : self.end]

    @property
    def plural(self) -> bool:
        return self.surface.form is Form.PLURAL

    @property
    def article(self) -> Token | None:
        """The article right before the match."""
        before = self.tokens.adjacent_before(self.start)
        return before if before is not None and before.lower in {"a", "an", "the"} else None

    @property
    def possessive(self) -> bool:
        following = self.tokens.text[self.end : self.end + 2]
        return following in ("'s", "’s") or self.bare_apostrophe

    @property
    def bare_apostrophe(self) -> bool:
        following = self.tokens.text[self.end : self.end + 2]
        return self.plural and following[:1] in ("'", "’") and not following[1:].isalpha()

    @property
    def attributive(self) -> bool:
        if self.possessive:
            return False
        return self.before_noun or grammar.is_attributive(self.tokens, self.end, plural=self.plural)


def rewrite(
    tokens: Tokens,
    start: int,
    end: int,
    surface: SurfaceForm,
    *,
    after_name: bool = False,
    before_noun: bool = False,
) -> Rewrite:
    """Return what the match at [start, end) becomes.

    Args:
        tokens: the sentence that it stands in.
        surface: what was matched there.
        after_name: a name was put right before it, so that a bare verb needs its singular ending.
        before_noun: a noun is put right after it, whatever the words there look like now.
    """
    place = _Place(tokens, start, end, surface, after_name, before_noun)
    return _cased(place, _BY_KIND[surface.kind](place))


def _name(place: _Place) -> Rewrite:
    target = place.surface.target
    start, end, article = place.start, place.end, place.article
    if place.attributive:
        if place.text.lower().startswith("the "):
            return Rewrite(start, end, place.text[:4] + target)
        if article is not None and article.lower != "the":
            return Rewrite(article.start, end, f"{grammar.article_for(target, like=article.text)} {target}")
        if article is not None and target.lower().startswith("the "):
            return Rewrite(article.start, end, target)
        return Rewrite(start, end, target)
    if article is not None:
        start = article.start
    if place.bare_apostrophe:
        return Rewrite(start, end + 1, target + place.tokens.text[end] + "s")
    changes = grammar.agreement(place.tokens, place.start, end) if place.plural and not place.possessive else ()
    return Rewrite(start, end, target, changes)


def _noun(place: _Place) -> Rewrite:
    target, changes = _numbered(place)
    article = place.article
    if article is None:
        return Rewrite(place.start, place.end, target, changes)
    if target.lower().startswith("the "):
        return Rewrite(article.start, place.end, target, changes)
    if article.lower == "the":
        return Rewrite(place.start, place.end, target, changes)
    if not place.attributive and (inflection.is_mass(target) or target != place.surface.target):
        return Rewrite(article.start, place.end, target, changes)
    return Rewrite(article.start, place.end, f"{grammar.article_for(target, like=article.text)} {target}", changes)


def _numbered(place: _Place) -> tuple[str, tuple[Change, ...]]:
    target = place.surface.target
    if place.attributive and not place.plural:
        hyphenated = target.replace(" ", "-")
        return (hyphenated if hyphenated in place.surface.entry.admitted else target), ()
    if place.plural:
        many = inflection.plural(target)
        became_singular = many == target and inflection.is_mass(target)
        changes = grammar.agreement(place.tokens, place.start, place.end) if became_singular else ()
        return many, changes
    if place.surface.form is Form.FIXED and not _counted_as_one(place):
        return inflection.plural(target), ()
    return target, ()


def _counted_as_one(place: _Place) -> bool:
    """Tell whether the words around a form that is no English word say that it is one thing."""
    before = place.tokens.adjacent_before(place.start)
    if before is not None and before.lower in {"a", "an", "the", "this", "that", "each", "every", "one", "another"}:
        return True
    following = place.tokens.adjacent_after(place.end)
    return following is not None and following.lower in {"is", "was", "has", "does"}


def _verb(place: _Place) -> Rewrite:
    target = place.surface.target
    tag = _verb_form(place)
    after = inflection.inflect_head(target, tag) if tag else target
    article = place.article
    if article is not None and tag == "VBG":
        # "the adoption of students" is a noun phrase, "taking on apprentices" is not.
        return Rewrite(article.start, place.end, after)
    return _counted(place, after) or Rewrite(place.start, place.end, after)


def _counted(place: _Place, after: str) -> Rewrite | None:
    """Return "gained 300,000 followers" for "gained followers by 300,000": who gains things gains so many of them."""
    verb, _, things = after.partition(" ")
    amount = _AMOUNT.match(place.tokens.text, place.end, place.tokens.end)
    words = things.split(" ")
    if amount is None or not inflection.is_plural_noun(words[-1]) or grammar.PREPOSITIONS & set(words):
        return None
    return Rewrite(place.start, amount.end(), f"{verb} {amount.group(1)} {things}")


def _verb_form(place: _Place) -> str:
    form = place.surface.form
    before = [token.lower for token in place.tokens.before(place.start)[:2]]
    previous = before[0] if before else ""
    if form is Form.FIXED:
        return _foreign_verb_form(place, previous)
    if form is Form.BASE and previous not in grammar.MODALS:
        if place.after_name:
            return "VBZ"
        if _is_own_past(place) and (_singular_subject(place) or set(before) & _PERFECT):
            form = Form.PAST
    if form is Form.PAST and set(before) & _PERFECT:
        form = Form.PARTICIPLE
    return form.value


def _foreign_verb_form(place: _Place, previous: str) -> str:
    if not place.surface.forbidden.form[:1].isupper():
        return ""
    if previous in grammar.MODALS:
        return "VB"
    opening = place.tokens.after(place.tokens.start)[:1]
    return "VBG" if opening and opening[0].lower in {"is", "are", "was", "were", "does", "do"} else "VBZ"


def _is_own_past(place: _Place) -> bool:
    head = place.surface.forbidden.form.split(" ")[0]
    return inflection.inflect_head(head, "VBD") == head


def _singular_subject(place: _Place) -> bool:
    """Tell whether the word before is a singular subject: then a bare "let" or "quit" can only be a past tense."""
    before = place.tokens.adjacent_before(place.start)
    if before is None or before.lower in {"i", "you", "we", "they", "who", "that", "which"}:
        return False
    return before.lower in {"he", "she", "it"} or (
        not inflection.is_plural_noun(before.lower)
        and before.lower not in grammar.ADVERBS | grammar.PREPOSITIONS | grammar.SUBORDINATORS
        and (inflection.can_be(before.lower, "NOUN") or before.text[:1].isupper())
    )


def _as_is(place: _Place) -> Rewrite:
    target, article = place.surface.target, place.article
    if article is not None and article.lower != "the":
        return Rewrite(article.start, place.end, f"{grammar.article_for(target, like=article.text)} {target}")
    if article is not None and target.lower().startswith("the "):
        return Rewrite(article.start, place.end, target)
    return Rewrite(place.start, place.end, target)


_BY_KIND: dict[Kind, Callable[[_Place], Rewrite]] = {
    Kind.NAME: _name,
    Kind.NOUN: _noun,
    Kind.VERB: _verb,
    Kind.ADJECTIVE: _as_is,
    Kind.PHRASE: _as_is,
}


def _cased(place: _Place, plain: Rewrite) -> Rewrite:
    tokens, surface = place.tokens, place.surface
    capitals = is_upper(place.text) and tokens.is_upper
    if (
        surface.entry.case is CaseRule.FIXED
        and not capitals
        and surface.kind in (Kind.NAME, Kind.NOUN)
        and not surface.target.startswith("the ")
    ):
        return plain
    was_capital = tokens.text[plain.start : plain.start + 1].isupper()
    opens = not tokens.before(plain.start)
    title = not capitals and was_capital and tokens.is_title_case
    own_capital = place.text[:1].isupper() and not surface.forbidden.form[:1].isupper()
    after = match_case(
        plain.after,
        sentence_start=was_capital and (opens or own_capital),
        capitals=capitals,
        title=title,
    )
    return Rewrite(plain.start, plain.end, after, plain.changes)


def already_right(text: str, plain: Rewrite) -> bool:
    """Tell whether the rewrite would change nothing but letter case or hyphens of a text that is right."""
    return surface_key(text[plain.start : plain.end]) == surface_key(plain.after)
