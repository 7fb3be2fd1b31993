"""What speaks for and against one repair, added up.

Every piece of evidence has a weight that can be explained to a translator; their sum, held within [0, 1], is the
confidence, and two thresholds turn it into a tier. The weights are set by hand from what each piece means: alone,
the aligned source decides; a form that is never good English decides; a required word of context decides; everything
else needs company. `fix --explain` prints the sum.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

from regloss.document import Tier
from regloss.glossary import inflection
from regloss.glossary.entry import Guard, Kind
from regloss.glossary.forms import Form, SurfaceForm, surface_key
from regloss.repair.context import DocumentContext, SentenceContext
from regloss.repair.grammar import FAR, Token, Tokens, is_attributive, is_noun_slot, is_subject
from regloss.repair.matcher import phrase_surfaces

__all__ = [
    "AUTO",
    "REVIEW",
    "Candidate",
    "Evidence",
    "SourceSays",
    "frame_fits",
    "guard_of",
    "is_code",
    "is_mention",
    "is_suspicious",
    "tier_of",
    "weigh",
]

AUTO = 0.6
REVIEW = 0.35

Evidence = tuple[str, float]


class SourceSays(Enum):
    """What the source has to say about a term in one sentence."""

    NOTHING = auto()
    HOLDS = auto()  # the aligned segment holds the term, not yet rendered elsewhere in the sentence
    HINTS = auto()  # the aligned segment holds its characters in order, with others in between
    RENDERED = auto()  # the aligned segment holds it, and the target shows it already as often
    LACKS = auto()  # the aligned segment does not hold it
    NEARBY = auto()  # a comparable source document holds it


_SOURCE = {
    SourceSays.HOLDS: ("the aligned source holds {term}", 0.6),
    SourceSays.HINTS: ("the aligned source holds the characters of {term}", 0.45),
    SourceSays.NEARBY: ("the comparable source document holds {term}", 0.15),
}
_MENTION_CUES = frozenset(
    "word words term slang literally called meaning means meant nicknamed translates translated translation phrase"
    " expression pronounced spelled spelt known so-called dubbed rendered rendering renders".split()
)


_NEAR = 8
"""Reach of a word such as "called", in words to either side of a quotation."""
_REACH = 300
"""Farthest that the words right before and after a match are looked at, in code points."""
# A full stop before a capital letter is none: machines lose the space after it.
_CODE = re.compile(r"^[@#$/]|\(\)|[=_\\]|\w\.[a-z]|/\S*/")
# What nobody but a company or its app has, without a plural ending.
_FIRM = frozenset(
    "margin revenue turnover earning listing ipo prospectus shareholder investor valuation founder ceo subsidiary"
    " marketing merchant seller advertiser user app platform e-commerce commission advertising market financing"
    " layoff share employee headquarter ecosystem subsidy business account executive profit loss quarter product"
    " algorithm livestream streamer department".split()
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of one match, with all that may decide about it.

    Attributes:
        surface: what was matched.
        start, end: where.
        tokens: the sentence.
        source: what the source says.
        company: other suspicious forms in the sentence; one wrong rendering seldom comes alone.
        assured: one of them is sure to be a wrong rendering.
    """

    surface: SurfaceForm
    start: int
    end: int
    tokens: Tokens
    source: SourceSays
    company: tuple[str, ...] = ()
    assured: bool = False


def guard_of(surface: SurfaceForm) -> Guard:
    """Return the guard in force: the form's own, else the entry's."""
    return surface.forbidden.guard_in(surface.entry)


def tier_of(confidence: float) -> Tier:
    """Return what happens at this confidence."""
    return Tier.AUTO if confidence >= AUTO - 1e-9 else Tier.REVIEW if confidence >= REVIEW - 1e-9 else Tier.LEAVE


def frame_fits(surface: SurfaceForm, tokens: Tokens, start: int, end: int) -> bool:
    """Tell whether the words right before and after the match are those that the guard asks for, if it asks."""
    guard = guard_of(surface)
    return (not guard.before or _ends_with_one(_just_before(tokens, start), guard.before)) and (
        not guard.after or _begins_with_one(_just_after(tokens, end), guard.after)
    )


def _just_before(tokens: Tokens, start: int) -> str:
    return tokens.text[max(tokens.start, start - _REACH) : start]


def _just_after(tokens: Tokens, end: int) -> str:
    return tokens.text[end : min(tokens.end, end + _REACH)]


@cache
def _frame_surfaces(items: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(surface for item in items if item not in ("^", "$") for surface in phrase_surfaces(item))


def _ends_with_one(text: str, items: tuple[str, ...]) -> bool:
    before = surface_key(text).rstrip()
    bare = _without_article(before)
    if "^" in items and not any(char.isalnum() for char in bare):
        return True
    wanted = _frame_surfaces(items)
    return any(
        text.endswith(key) and not text[: -len(key)][-1:].isalnum()
        for text in (before, bare)
        if text.endswith(wanted)
        for key in wanted
    )


def _without_article(before: str) -> str:
    for article in (" the", " a", " an"):
        if f" {before}".endswith(article):
            return f" {before}"[: -len(article)].strip()
    return before


def _begins_with_one(text: str, items: tuple[str, ...]) -> bool:
    after = surface_key(text).lstrip().removeprefix("'s ").lstrip()
    if "$" in items and not any(char.isalnum() for char in after):
        return True
    wanted = _frame_surfaces(items)
    return after.startswith(wanted) and any(
        after.startswith(key) and not after[len(key) : len(key) + 1].isalnum() for key in wanted
    )


def is_mention(tokens: Tokens, start: int, end: int) -> bool:
    """Tell whether the sentence speaks *about* the words: they are quoted, and a word such as "called" is near."""
    text = tokens.text
    quoted = text[max(start - 1, 0) : start] in ("“", '"', "‘", "'") and any(q in text[end : end + 3] for q in "”\"’'")
    if not quoted:
        return False
    near = [token.lower for token in (*tokens.before(start)[:_NEAR], *tokens.after(end)[:_NEAR])]
    return bool(_MENTION_CUES & set(near)) or _glosses_pinyin(tokens, start)


def is_code(tokens: Tokens, start: int, end: int) -> bool:
    """Tell whether a match is a part of an identifier, a path or a handle: ``anchor.reward()``, ``@vibrato``."""
    # A tag next to the words is no part of them, whatever its attributes hold.
    before = re.search(r"[^\s<>]*$", _just_before(tokens, start))
    after = re.match(r"[^\s<>]*", _just_after(tokens, end))
    run = (before.group() if before else "") + tokens.text[start:end] + (after.group() if after else "")
    return _CODE.search(run.strip("“”\"‘’',;:!?")) is not None


def _glosses_pinyin(tokens: Tokens, start: int) -> bool:
    """Tell whether the quotation explains a romanised word right before it (``Jianghu, the world of "…"``)."""
    comma = False
    for token, nearer in zip(tokens.before(start)[:6], [None, *tokens.before(start)[:6]], strict=False):
        comma |= "," in tokens.gap(token.end, start if nearer is None else nearer.start)
        if comma and token.text[:1].isupper() and not inflection.is_ordinary(token.lower):
            return True
    return False


def weigh(candidate: Candidate, context: DocumentContext) -> tuple[float, tuple[Evidence, ...]]:
    """Return the confidence in [0, 1] that this match is the term, and the evidence for it, heaviest first."""
    surface, tokens = candidate.surface, candidate.tokens
    guard = guard_of(surface)
    sentence = context.sentence(tokens.start, tokens.end, surface.entry.domain)
    found = [
        *_surface(candidate, guard),
        *_source(candidate, guard),
        *_guards(candidate, guard, sentence),
        *_domain(candidate, guard, sentence, context),
        *_company(candidate, guard),
        *_shape(candidate, guard),
    ]
    total = min(1.0, max(0.0, sum(weight for _, weight in found)))
    return round(total, 4), tuple(sorted(found, key=lambda item: -abs(item[1])))


def _surface(candidate: Candidate, guard: Guard) -> Iterator[Evidence]:
    form = candidate.surface.forbidden.form
    if guard.before or guard.after:
        if frame_fits(candidate.surface, candidate.tokens, candidate.start, candidate.end):
            yield "it stands in the frame that the glossary names", 0.5
    elif guard.when:
        return
    elif guard:
        yield "a known wrong rendering, but also ordinary English", 0.25
    elif " " not in form and "-" not in form and inflection.is_ordinary(form):
        yield "a known wrong rendering, but also an ordinary English word", 0.35
    else:
        yield "a known wrong rendering that is not good English", 0.8


def _source(candidate: Candidate, guard: Guard) -> Iterator[Evidence]:
    term = candidate.surface.entry.source
    if candidate.source in _SOURCE:
        sentence, weight = _SOURCE[candidate.source]
        if len(term) == 1:
            # One character may be a part of another word: 瓜 stands in 西瓜, 号 in 编号.
            weight /= 3
        elif guard and _could_be_a_person(candidate.surface.forbidden.form):
            # 阿里 is Alibaba, and it is Ali.
            weight *= 2 / 3
        yield sentence.format(term=term), round(weight, 2)
    elif candidate.source is SourceSays.LACKS:
        yield f"the aligned source has no {term}", -0.8 if guard else -0.15
    elif candidate.source is SourceSays.RENDERED:
        yield f"{term} is already rendered in this sentence", -0.3 if guard else 0.0


def _could_be_a_person(form: str) -> bool:
    return form.istitle() and " " not in form and not inflection.is_ordinary(form.lower())


def _guards(candidate: Candidate, guard: Guard, sentence: SentenceContext) -> Iterator[Evidence]:
    veto = sentence.holds(guard.unless, candidate.start, candidate.end)
    if veto is not None:
        # A name in the source is that name; a common source word may have the ordinary sense here.
        held = -0.25 if candidate.surface.kind is Kind.NAME else -0.6
        yield f"“{veto}” stands in the sentence", held if candidate.source is SourceSays.HOLDS else -0.8
    wanted = sentence.holds(guard.when, candidate.start, candidate.end) if guard.when else None
    if wanted is not None:
        yield f"“{wanted}” stands in the sentence", 0.6
    elif guard.when:
        # The source word may be as ambiguous as the English one (流量 of meteors), so that it needs a little company.
        held = candidate.source in (SourceSays.HOLDS, SourceSays.HINTS)
        yield "no word that the glossary asks for stands in the sentence", -0.1 if held else -0.3


def _domain(
    candidate: Candidate, guard: Guard, sentence: SentenceContext, context: DocumentContext
) -> Iterator[Evidence]:
    entry = candidate.surface.entry
    if not guard and candidate.surface.form is not Form.FIXED and " " in candidate.surface.forbidden.form:
        return
    others = sentence.strong - {entry.target}
    if others != sentence.strong and guard and candidate.surface.kind is Kind.NAME:
        # A translator who knows the name seldom misses it in the same sentence.
        yield f"the sentence names {entry.target} already", -0.25
    if others:
        yield f"“{min(others)}” in the sentence is of this domain", 0.4
    if sentence.strong:
        return
    strong, weak = context.density(candidate.start, entry.domain)
    if strong >= 3:
        yield f"{strong} names and terms of this domain stand nearby", 0.4
    elif strong:
        yield "a name or term of this domain stands nearby", 0.25
    elif len(sentence.weak) >= 2:
        yield f"“{'”, “'.join(sorted(sentence.weak)[:2])}” suggest this domain", 0.25
    elif weak:
        yield "a word or two suggest this domain", 0.1


def _company(candidate: Candidate, guard: Guard) -> Iterator[Evidence]:
    if not guard or not candidate.company:
        return
    if len(candidate.company) == 1:
        told = "is surely a wrong rendering" if candidate.assured else "is suspicious too"
        yield f"“{candidate.company[0]}” in the sentence {told}", 0.4 if candidate.assured else 0.25
    else:
        yield f"“{candidate.company[0]}” and “{candidate.company[1]}” in the sentence are suspicious too", 0.4


def is_suspicious(candidate: Candidate, context: DocumentContext) -> bool:
    """Tell whether a match is odd enough in its sentence to speak for its neighbours.

    Words that the glossary accepts only beside a required word count where that word is there; what a veto word
    explains does not.
    """
    guard = guard_of(candidate.surface)
    sentence = context.sentence(candidate.tokens.start, candidate.tokens.end, candidate.surface.entry.domain)
    alone = sentence.holds(guard.when, candidate.start, candidate.end) is None
    if guard.when and alone and not (guard.before or guard.after):
        return False
    if sentence.holds(guard.unless, candidate.start, candidate.end) is not None:
        return False
    return candidate.source not in (SourceSays.LACKS, SourceSays.RENDERED)


def _shape(candidate: Candidate, guard: Guard) -> Iterator[Evidence]:
    surface, tokens, start, end = candidate.surface, candidate.tokens, candidate.start, candidate.end
    if surface.kind is not Kind.NAME or not guard or guard.before or guard.after:
        return
    yield from _capitals(candidate)
    before = tokens.adjacent_before(start)
    attributive = is_attributive(tokens, end, plural=surface.form is Form.PLURAL)
    if surface.form is Form.ED and not attributive:
        yield "an adjective that describes no noun is no name", -0.6
    if before is not None and not attributive and _belongs_to_someone(before.lower):
        yield "a name takes no possessive or indefinite article", -0.25
    slot = is_noun_slot(tokens, start, end)
    if slot is False and inflection.verb_tag(surface.forbidden.form.split(" ")[0].lower()):
        yield "it is read as a verb here", -0.5
    elif slot is True and is_subject(tokens, start):
        yield "it is the subject, as a name would be", 0.15
    yield from _as_a_company(tokens, end, attributive=attributive, subject=slot is True and is_subject(tokens, start))
    following = tokens.adjacent_after(end)
    if following is not None and following.lower == "of":
        yield "a name is not followed by “of”", -0.25


def _as_a_company(tokens: Tokens, end: int, *, attributive: bool, subject: bool) -> Iterator[Evidence]:
    """Yield what a name owns, describes or does that only a company or its app does."""
    following = list(tokens.after(end)[:FAR])
    if tokens.text[end : end + 2] in ("'s", "’s") or tokens.text[end : end + 1] in ("'", "’"):
        owned = following[:4]
    elif attributive:
        owned = following[:1]
    elif subject:
        owned = [noun for whose, *nouns in _windows(following) if whose.lower in {"their", "its"} for noun in nouns]
    else:
        return
    had = next((token.text for token in owned if _firm(token)), None)
    if had is not None:
        yield f"it has “{had}”, as a company or an app has", 0.25
    elif subject and (dealt := next((token.text for token in following if _firm(token)), None)):
        yield f"“{dealt}” is what a company deals in", 0.15


def _windows(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    return (tokens[place : place + 4] for place in range(len(tokens)))


def _firm(token: Token) -> bool:
    word = token.lower.removesuffix("'s")
    return word in _FIRM or word.removesuffix("s") in _FIRM


def _capitals(candidate: Candidate) -> Iterator[Evidence]:
    """Yield what capitals say about a form of several words that the glossary writes with capitals."""
    listed = candidate.surface.forbidden.form.split(" ")
    if len(listed) < 2 or not all(word[:1].isupper() for word in listed):
        return
    text = candidate.tokens.text[candidate.start : candidate.end]
    if any(word[:1].islower() for word in text.split(" ")):
        yield "a name would be written with capitals", -0.4
    elif candidate.tokens.before(candidate.start):
        yield "it is written with capitals", 0.2


def _belongs_to_someone(word: str) -> bool:
    return word in {"a", "an", "my", "your", "his", "her", "our", "their"} or word.endswith(("'s", "s'"))
