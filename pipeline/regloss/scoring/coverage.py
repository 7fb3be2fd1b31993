"""How much of a source its translation covers, as far as a bilingual lexicon can tell.

Each source word is looked for among the words of the translation, and each word of the translation among those of the
source: the mean log-probability of the likeliest partner, with a floor for words that have none. Of one segment that
says little, because a free translation is not a bad one. Over a document it tells a translator that drops or garbles
content from one that does not, and it has no favourite among them, as a translation model has.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from regloss.alignment.lexicon import Lexicon, target_words
from regloss.alignment.script import simplified

__all__ = ["Coverage", "coverage"]

_UNSEEN = 1e-3


def coverage(source: str, target: str, lexicon: Lexicon) -> tuple[float, float]:
    """Return the mean log-probability of source words in the target, and of target words in the source.

    Both lie between ln 0.001 (nothing found, ≈ −6.9) and 0. The source may be in either script.
    """
    words = [word.form for word in lexicon.source_words(simplified(source))]
    others = [word.form for word in target_words(target)]
    return _found(words, others, lexicon.translations), _found(others, words, lexicon.sources)


def _found(words: Sequence[str], others: Sequence[str], known: Callable[[str], Mapping[str, float]]) -> float:
    """Return the mean over `words` of the log-probability of their likeliest translation among `others`."""
    present = frozenset(others)
    total = 0.0
    for word in words:
        renderings = known(word)
        found = max((p for other, p in renderings.items() if other in present), default=0.0)
        total += math.log(max(found, 1.0 if word in present else 0.0, _UNSEEN))
    return total / len(words) if words else 0.0


@dataclass(frozen=True, slots=True)
class Coverage:
    """Coverage of the source as an `Estimator` of choice: 0 where no word is found, 100 where every one is certain."""

    lexicon: Lexicon

    def estimate(self, sources: Sequence[str], targets: Sequence[str]) -> list[float]:
        """Return the coverage of each pair."""
        pairs = zip(sources, targets, strict=True)
        return [100.0 * (1 - coverage(source, target, self.lexicon)[0] / math.log(_UNSEEN)) for source, target in pairs]
