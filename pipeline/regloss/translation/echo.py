"""An engine without a model: it looks translations up in a table and repeats what the table lacks.

For tests, for trying out a glossary without waiting, and as the smallest example of the `Translator` protocol.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence

from regloss.document import Hypothesis
from regloss.translation.protocol import DEFAULT_DECODING, Attention, DecodingOptions

__all__ = ["EchoTranslator"]


class EchoTranslator:
    """Repeats its input, or gives what a table says.

    Args:
        table: source → its translations, best first.
    """

    def __init__(self, table: Mapping[str, Sequence[str]] | None = None) -> None:
        self._table = {source: tuple(targets) for source, targets in (table or {}).items()}

    @property
    def name(self) -> str:
        """Always ``echo``."""
        return "echo"

    def signature(self) -> str:
        """Return the name with a hash of the table."""
        content = json.dumps(sorted(self._table.items()), ensure_ascii=False).encode()
        return f"echo@{hashlib.sha256(content).hexdigest()[:12]}"

    def split(self, source: str, *, spare: int = 0) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Return the source whole, or nothing for a blank one."""
        return (source,) if source.strip() else ()

    def translate(
        self,
        sources: Sequence[str],
        *,
        options: DecodingOptions = DEFAULT_DECODING,
        prefixes: Sequence[str] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        """Return for each source its entry in the table, else the source itself, after the prefix if there is one."""
        starts = prefixes or [""] * len(sources)
        return [self._candidates(s, p, options.n_best) for s, p in zip(sources, starts, strict=True)]

    def _candidates(self, source: str, prefix: str, n_best: int) -> tuple[Hypothesis, ...]:
        texts = self._table.get(source, (source,))[:n_best]
        return tuple(
            Hypothesis("echo", text if text.startswith(prefix) else f"{prefix} {text}", -float(rank))
            for rank, text in enumerate(texts)
        )

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return 0 for what `translate` would say first, -1 for anything else."""
        return [0.0 if self._candidates(source, "", 1)[0].text == target else -1.0 for source, target in pairs]

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention] | None:  # noqa: ARG002 - the protocol's
        """Return None: there is no model to look at anything."""
        return None
