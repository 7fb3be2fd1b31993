"""Translations that fell into a loop ("and the and the and the …"), and a second try that cannot.

Small models repeat themselves where they do not know how to go on. Forbidding all repetition from the start would
forbid names that a sentence holds twice, so it is forbidden only to those who abused it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from regloss.document import Hypothesis
from regloss.translation.protocol import DecodingOptions, Translator

__all__ = ["is_looping", "translate_without_loops"]

# Four times the same stretch of letters in a row, spaces and commas between or not.
_LOOP = re.compile(r"([^\W\d_][\w' ,;-]{0,23}?)(?:[ ,;-]{0,2}\1){3}")
_STRICT_NGRAM = 3


def is_looping(text: str) -> bool:
    """Tell whether `text` says the same thing four times in a row."""
    return _LOOP.search(text) is not None


def translate_without_loops(
    translator: Translator,
    sources: Sequence[str],
    *,
    options: DecodingOptions,
    prefixes: Sequence[str] | None = None,
) -> list[tuple[Hypothesis, ...]]:
    """Translate as `Translator.translate` does; where the best candidate loops, look for one that does not.

    First the lower candidates are looked at, then the source is decoded again with no sequence of three tokens
    allowed twice. What loops even then is returned as it first came.
    """
    results = translator.translate(sources, options=options, prefixes=prefixes)
    results = [tuple(sorted(candidates, key=lambda c: is_looping(c.text))) for candidates in results]
    looping = [i for i, candidates in enumerate(results) if is_looping(candidates[0].text)]
    if not looping or options.no_repeat_ngram == _STRICT_NGRAM:
        return results
    again = translator.translate(
        [sources[i] for i in looping],
        options=replace(options, no_repeat_ngram=_STRICT_NGRAM),
        prefixes=[prefixes[i] for i in looping] if prefixes else None,
    )
    for i, candidates in zip(looping, again, strict=True):
        straight = tuple(c for c in candidates if not is_looping(c.text))
        results[i] = straight or results[i]
    return results
