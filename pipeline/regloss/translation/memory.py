"""A translation memory: what a model has translated once it need not translate again.

It is one SQLite file, safe for several threads and processes at once, or lasts as long as the work it serves. The key
is everything that the output depends on: the translator's signature, the decoding options, the source, the forced
prefix. A memory never changes what is returned, only how fast.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Protocol

from regloss.document import Hypothesis
from regloss.errors import InputError
from regloss.translation.protocol import DEFAULT_DECODING, Attention, DecodingOptions, Translator

__all__ = ["BriefMemory", "RememberingTranslator", "TranslationMemory"]

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS translation (key TEXT PRIMARY KEY, source TEXT NOT NULL, candidates TEXT NOT NULL)"
)
_WAIT_SECONDS = 30.0
# SQLite refuses more variables than this in one statement in its older builds.
_BATCH = 500

Candidates = tuple[Hypothesis, ...]


class Memory(Protocol):
    """Where candidates are kept under the key of what they depend on."""

    def recall(self, keys: Sequence[str]) -> dict[str, Candidates]:
        """Return what is remembered under `keys`; unknown keys are left out."""
        ...

    def remember(self, entries: Mapping[str, tuple[str, Candidates]]) -> None:
        """Store (source, candidates) under each key."""
        ...


class BriefMemory:
    """A memory of one piece of work: a document's sentences come again where its aligned sentences are translated."""

    def __init__(self) -> None:
        self._held: dict[str, Candidates] = {}

    def recall(self, keys: Sequence[str]) -> dict[str, Candidates]:
        """Return what is remembered under `keys`; unknown keys are left out."""
        return {key: self._held[key] for key in keys if key in self._held}

    def remember(self, entries: Mapping[str, tuple[str, Candidates]]) -> None:
        """Store (source, candidates) under each key."""
        self._held.update((key, candidates) for key, (_, candidates) in entries.items())


class TranslationMemory:
    """A translation memory in one file, made on first use.

    Args:
        path: the SQLite file; its folder is made if it is missing.

    Raises:
        InputError: the file is no translation memory, is damaged, or cannot be opened for writing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise InputError(f"the translation memory's folder cannot be made ({exc.strerror})", path) from exc
        with self._connection() as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(_SCHEMA)

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection of its own for each call: SQLite then does the locking between threads and processes."""
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT_SECONDS)) as connection, connection:
                yield connection
        except sqlite3.DatabaseError as exc:
            raise InputError(
                f"cannot be used as a translation memory ({exc}); delete it, name another with --memory, "
                f"or use --no-memory",
                self.path,
            ) from exc

    def recall(self, keys: Sequence[str]) -> dict[str, Candidates]:
        """Return what is remembered under `keys`; unknown keys are left out."""
        found: dict[str, Candidates] = {}
        with self._connection() as connection:
            for i in range(0, len(keys), _BATCH):
                some = keys[i : i + _BATCH]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT key, candidates FROM translation WHERE key IN ({marks})",  # noqa: S608 - question marks only
                    some,
                )
                found.update((key, self._parse(text)) for key, text in rows)
        return found

    def remember(self, entries: Mapping[str, tuple[str, Candidates]]) -> None:
        """Store (source, candidates) under each key; all of them or, on a fault, none."""
        # SQLite takes no half surrogate pair: JSON escapes it, and the readable copy of the source does without.
        rows = [
            (
                key,
                source.encode("utf-8", "replace").decode(),
                json.dumps([(c.system, c.text, c.model_score) for c in candidates]),
            )
            for key, (source, candidates) in entries.items()
        ]
        with self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO translation VALUES (?, ?, ?)", rows)

    def __len__(self) -> int:
        with self._connection() as connection:
            return int(connection.execute("SELECT count(*) FROM translation").fetchone()[0])

    def _parse(self, text: str) -> Candidates:
        try:
            return tuple(Hypothesis(system, target, score) for system, target, score in json.loads(text))
        except (ValueError, TypeError) as exc:
            raise InputError("the translation memory holds a damaged record; delete the file", self.path) from exc


class RememberingTranslator:
    """A translator with a memory in front of it; identical sources of one call are translated once."""

    def __init__(self, translator: Translator, memory: Memory) -> None:
        self._translator = translator
        self._memory = memory

    @property
    def name(self) -> str:
        """The name of the translator behind the memory."""
        return self._translator.name

    def signature(self) -> str:
        """Return the signature of the translator behind it: a memory changes no output."""
        return self._translator.signature()

    def split(self, source: str, *, spare: int = 0) -> tuple[str, ...]:
        """Return the pieces that the translator behind it makes of `source`."""
        return self._translator.split(source, spare=spare)

    def score(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the translator's scores; they are not remembered."""
        return self._translator.score(pairs)

    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention] | None:
        """Return the attention of the translator behind it."""
        return self._translator.attend(pairs)

    def translate(
        self,
        sources: Sequence[str],
        *,
        options: DecodingOptions = DEFAULT_DECODING,
        prefixes: Sequence[str] | None = None,
    ) -> list[Candidates]:
        """Return the candidates of each source, from memory where it has them."""
        starts = prefixes or [""] * len(sources)
        keys = [self._key(source, start, options) for source, start in zip(sources, starts, strict=True)]
        known = self._memory.recall(list(dict.fromkeys(keys)))
        new = {key: i for i, key in reversed(list(enumerate(keys))) if key not in known}
        wanted = sorted(new.values())
        made = self._translator.translate(
            [sources[i] for i in wanted],
            options=options,
            prefixes=[starts[i] for i in wanted] if prefixes else None,
        )
        fresh = {keys[i]: (sources[i], candidates) for i, candidates in zip(wanted, made, strict=True)}
        if fresh:
            self._memory.remember(fresh)
        return [known[key] if key in known else fresh[key][1] for key in keys]

    def _key(self, source: str, prefix: str, options: DecodingOptions) -> str:
        parts = json.dumps([self.signature(), astuple(options), source, prefix], ensure_ascii=False)
        # surrogatepass: half a surrogate pair in a broken file must not stop the work.
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
