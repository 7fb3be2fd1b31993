"""The bilingual lexicon: p(target word | source word) and p(source word | target word) for Chinese and English.

`load_lexicon` reads the bundled one (`models/zh-en-lexicon`), checks it against its card and hands out a `Lexicon`;
`build_lexicon` makes one from plain tables, which is what the training script and the tests do.

The file is a compressed NumPy archive, so any tool with NumPy can read it. Its members:

    header          uint8    UTF-8 JSON: {"format": "regloss-lexicon", "version": 1, …}
    source_words    uint8    UTF-8, one word a line; row number = source word id
    frequencies     float32  (S,) smoothed corpus frequency, for the segmenter; 0: never proposed as a word of a text
    target_words    uint8    UTF-8, one word a line, folded; line number = target word id
    rows            uint32   (S + 1,) entries of source word s are rows[s] … rows[s + 1] − 1, best first
    columns         uint32   (N,) target word ids
    forward         uint8    (N,) p(target | source) as round(−25 · ln p)
    backward        uint8    (N,) p(source | target), same code
    glosses         uint8    UTF-8, lines of source term, tab, gloss, tab, gloss …
    readings        uint8    UTF-8, lines of one Chinese character, tab, toneless pinyin readings

Words are those of `target_words` (folded English words; ``JD.com``, ``e-commerce`` and ``U.S.`` are one word each,
``quick-hand`` is two) and `Lexicon.source_words` (most probable segmentation under a unigram model of the corpus).
"""

import hashlib
import io
import json
import math
import re
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regloss.document import Span
from regloss.errors import ModelError
from regloss.resources import bundled
from regloss.text import fold

__all__ = [
    "Entry",
    "Lexicon",
    "Word",
    "build_lexicon",
    "load_lexicon",
    "segment",
    "stem",
    "target_words",
    "write_lexicon",
]

FILE_NAME = "lexicon.npz"
_FORMAT = "regloss-lexicon"
_VERSION = 1
_CODE_SCALE = 25.0
_LONGEST_WORD = 8
_MEMBERS = (
    "header",
    "source_words",
    "frequencies",
    "target_words",
    "rows",
    "columns",
    "forward",
    "backward",
    "glosses",
    "readings",
)

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U000323af"
_LETTER = rf"[^\W_{_HAN}]"
# A dot joins only before a small letter or a digit: JD.com and 3.5 are words, "end.Next" is a lost space.
_WORD = re.compile(rf"[{_HAN}]+|(?:[A-Za-z]\.){{2,}}|{_LETTER}+(?:(?:[&'\u2019-]|\.(?=[a-z0-9])){_LETTER}+)*")
_POSSESSIVE = re.compile(r"['\u2019][sS]$")
_HAN_RUN = re.compile(rf"[{_HAN}]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands (code points) and its folded form."""

    span: Span
    form: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row entry: a target word with p(target | source) and p(source | target), both in (0, 1]."""

    target: str
    forward: float
    backward: float


def target_words(text: str) -> list[Word]:
    """Return the words of an English text, in order.

    A possessive ``'s`` is left out; a hyphen splits unless one side is a single letter (``e-commerce``); a run of
    Chinese characters, left untranslated, is one word.
    """
    return [word for match in _WORD.finditer(text) for word in _pieces(match.group(), match.start())]


def _pieces(text: str, start: int) -> Iterator[Word]:
    body = _POSSESSIVE.sub("", text)
    parts = body.split("-")
    if min(map(len, parts)) < 2:
        parts = [body]
    for part in parts:
        yield Word(Span(start, start + len(part)), fold(part))
        start += len(part) + 1


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return `word` without a regular English inflection; crude on purpose, only ever compared with another stem.

    ``stores``, ``stored`` and ``storing`` give ``stor``; words of three letters and fewer stay.
    """
    for ending in ("'s", "ies", "ing", "ied", "es", "ed", "s", "y", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            root = word[: -len(ending)]
            if ending == "s" and root.endswith("s"):
                return word
            return root[:-1] if len(root) > 3 and root[-1] == root[-2] and ending in {"ing", "ed"} else root
    return word


class Lexicon:
    """Word translation probabilities in both directions, a Chinese word segmenter, glosses and pinyin readings.

    Looking things up never changes what later look-ups return. Make one with `load_lexicon` or `build_lexicon`.
    """

    def __init__(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        self._sources = _lines(arrays["source_words"])
        self._targets = _lines(arrays["target_words"])
        self._rows = arrays["rows"].astype(np.int64)
        self._columns = arrays["columns"].astype(np.int64)
        self._forward = np.exp(-arrays["forward"].astype(np.float64) / _CODE_SCALE)
        self._backward = np.exp(-arrays["backward"].astype(np.float64) / _CODE_SCALE)
        self._source_ids = {word: number for number, word in enumerate(self._sources)}
        self._target_ids = {word: number for number, word in enumerate(self._targets)}
        self._log_frequency = _log_frequencies(self._sources, arrays["frequencies"].astype(np.float64))
        self._glosses = _tabbed(arrays["glosses"])
        self._readings = _tabbed(arrays["readings"])
        # Entries in the order of their target word, for `sources`.
        self._by_target = np.argsort(self._columns, kind="stable")
        self._target_rows = np.searchsorted(self._columns[self._by_target], np.arange(len(self._targets) + 1))
        # The words of a language are few, and every sentence asks for them again.
        self._known = lru_cache(maxsize=65536)(self._read)
        self._row_of = np.repeat(np.arange(len(self._sources)), np.diff(self._rows))

    def __contains__(self, source_word: str) -> bool:
        return source_word in self._source_ids

    def __len__(self) -> int:
        return len(self._columns)

    def knows_target(self, target_word: str) -> bool:
        """Tell whether the English word (any case) was seen in training."""
        return fold(target_word) in self._target_ids

    def entries(self, source_word: str) -> tuple[Entry, ...]:
        """Return what is known about exactly this source word, by falling p(target | source); empty if unknown."""
        return self._known(source_word)

    def _read(self, source_word: str) -> tuple[Entry, ...]:
        number = self._source_ids.get(fold(source_word))
        if number is None:
            return ()
        return tuple(
            Entry(self._targets[self._columns[k]], float(self._forward[k]), float(self._backward[k]))
            for k in range(self._rows[number], self._rows[number + 1])
        )

    def translations(self, source_word: str) -> Mapping[str, float]:
        """Return p(target word | source word), best first; target words are folded (lower case).

        A word without a row of its own is looked up by its parts, each part's probabilities divided by the number
        of parts. Empty when nothing at all is known. The values sum to at most 1: small ones were pruned.
        """
        found = {entry.target: entry.forward for entry in self.entries(source_word)}
        if found:
            return found
        parts = self.source_words(source_word)
        if len(parts) < 2:
            return {}
        for part in parts:
            for entry in self.entries(part.form):
                found[entry.target] = found.get(entry.target, 0.0) + entry.forward / len(parts)
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def sources(self, target_word: str) -> Mapping[str, float]:
        """Return p(source word | target word), best first; empty when the target word is unknown."""
        number = self._target_ids.get(fold(target_word))
        if number is None:
            return {}
        places = self._by_target[self._target_rows[number] : self._target_rows[number + 1]]
        pairs = [(self._sources[self._row_of[k]], float(self._backward[k])) for k in places]
        return dict(sorted(pairs, key=lambda item: -item[1]))

    def glosses(self, term: str) -> tuple[str, ...]:
        """Return the dictionary renderings of a source term, several words each where need be; empty if unknown."""
        found = self._glosses.get(term)
        return tuple(found.split("\t")) if found else ()

    def readings(self, character: str) -> tuple[str, ...]:
        """Return the toneless pinyin readings of a Chinese character, commonest first; empty if unknown."""
        return tuple(self._readings.get(character, "").split())

    def source_words(self, text: str) -> list[Word]:
        """Return the words of a Chinese text, in order, punctuation left out; Latin stretches as in `target_words`."""
        found: list[Word] = []
        for match in _WORD.finditer(text):
            if _HAN_RUN.match(match.group()):
                start = match.start()
                for form in segment(match.group(), self._log_frequency):
                    found.append(Word(Span(start, start + len(form)), form))
                    start += len(form)
            else:
                found.extend(_pieces(match.group(), match.start()))
        return found

    def parts(self, form: str) -> list[str]:
        """Return the most probable words within a Chinese word of two characters or more, itself left out."""
        return segment(form, self._log_frequency, min(len(form) - 1, _LONGEST_WORD))


def segment(run: str, log_frequency: Mapping[str, float], longest: int = _LONGEST_WORD) -> list[str]:
    """Split a run of Chinese characters where the product of the words' frequencies is greatest.

    Args:
        run: characters, without spaces or punctuation.
        log_frequency: natural logarithm of each word's probability; under "" that of a character never seen.
        longest: longest word to use, in characters.
    """
    best = [0.0] + [-math.inf] * len(run)
    begin = [0] * (len(run) + 1)
    unseen = log_frequency[""]
    for end in range(1, len(run) + 1):
        for start in range(end - 1, max(-1, end - 1 - longest), -1):
            known = log_frequency.get(run[start:end], unseen if end - start == 1 else None)
            if known is not None and best[start] + known > best[end]:
                best[end], begin[end] = best[start] + known, start
    found: list[str] = []
    end = len(run)
    while end:
        found.append(run[begin[end] : end])
        end = begin[end]
    return found[::-1]


def _lines(raw: NDArray[np.generic]) -> list[str]:
    text = raw.tobytes().decode("utf-8")
    return text.split("\n") if text else []


def _tabbed(raw: NDArray[np.generic]) -> dict[str, str]:
    """Map what stands before the first tab of each line to what stands after it."""
    parts = (line.partition("\t") for line in _lines(raw))
    return {first: rest for first, _, rest in parts}


def _log_frequencies(words: list[str], counts: NDArray[np.float64]) -> dict[str, float]:
    """Map each word of the corpus to its log probability, and "" to that of a character never seen."""
    total = float(counts.sum()) + 1.0
    logs = {word: math.log(count / total) for word, count in zip(words, counts.tolist(), strict=True) if count > 0}
    return logs | {"": math.log(0.5 / total)}


def load_lexicon(folder: Path | None = None) -> Lexicon:
    """Return the lexicon in `folder` (the bundled `models/zh-en-lexicon` if None), checked against its card.

    Raises:
        ModelError: the file is missing, is not what its card says, or is damaged.
    """
    folder = folder or bundled("models", "zh-en-lexicon")
    path = folder / FILE_NAME
    try:
        content = path.read_bytes()
        expected = tomllib.loads((folder / "card.toml").read_text(encoding="utf-8"))["sha256"]
    except (OSError, KeyError, tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise ModelError(f"{folder}: the lexicon or its card cannot be read ({exc}); reinstall regloss") from exc
    if hashlib.sha256(content).hexdigest() != expected:
        raise ModelError(f"{path}: checksum differs from card.toml; the file is damaged, reinstall regloss")
    return _parse(content, path)


def _parse(content: bytes, path: Path) -> Lexicon:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in _MEMBERS}
        header = json.loads(arrays["header"].tobytes())
        if (header["format"], header["version"]) != (_FORMAT, _VERSION):
            raise ModelError(f"{path}: made by another version of regloss (wanted {_FORMAT} version {_VERSION})")
        return Lexicon(arrays)
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as exc:
        raise ModelError(f"{path}: not a lexicon file, or a damaged one ({exc}); reinstall regloss") from exc


def build_lexicon(
    table: Mapping[str, Iterable[Entry]],
    frequencies: Mapping[str, float] | None = None,
    glosses: Mapping[str, Iterable[str]] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
) -> Lexicon:
    """Return a lexicon holding `table`; without frequencies every source word is taken as equally frequent."""
    return Lexicon(pack(table, frequencies, glosses, readings))


def pack(
    table: Mapping[str, Iterable[Entry]],
    frequencies: Mapping[str, float] | None = None,
    glosses: Mapping[str, Iterable[str]] | None = None,
    readings: Mapping[str, Iterable[str]] | None = None,
) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of the file; see the module's docstring for their shapes."""
    frequencies = dict.fromkeys(table, 1.0) if frequencies is None else frequencies
    sources = sorted({fold(word) for word in table} | set(frequencies))
    rows = {fold(word): sorted(entries, key=lambda e: (-e.forward, e.target)) for word, entries in table.items()}
    targets = sorted({entry.target for entries in rows.values() for entry in entries})
    number = {word: k for k, word in enumerate(targets)}
    flat = [entry for word in sources for entry in rows.get(word, ())]
    header = {"format": _FORMAT, "version": _VERSION, "source": "zh", "target": "en", "entries": len(flat)}
    return {
        "header": _text(json.dumps(header)),
        "source_words": _text("\n".join(sources)),
        "frequencies": np.array([frequencies.get(word, 0.0) for word in sources], dtype=np.float32),
        "target_words": _text("\n".join(targets)),
        "rows": np.cumsum([0] + [len(rows.get(word, ())) for word in sources], dtype=np.uint32),
        "columns": np.array([number[entry.target] for entry in flat], dtype=np.uint32),
        "forward": _encode([entry.forward for entry in flat]),
        "backward": _encode([entry.backward for entry in flat]),
        "glosses": _text("\n".join("\t".join((term, *found)) for term, found in sorted((glosses or {}).items()))),
        "readings": _text("\n".join(f"{char}\t{' '.join(found)}" for char, found in sorted((readings or {}).items()))),
    }


def write_lexicon(arrays: Mapping[str, NDArray[np.generic]], path: Path) -> str:
    """Write the arrays of `pack` to `path`, atomically, and return the file's SHA-256 (hexadecimal)."""
    temporary = path.with_name(path.name + ".part")
    with temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    temporary.replace(path)
    return digest


def _text(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _encode(probabilities: list[float]) -> NDArray[np.uint8]:
    values = np.maximum(np.array(probabilities, dtype=np.float64), 1e-9)
    return np.clip(np.rint(-_CODE_SCALE * np.log(values)), 0, 255).astype(np.uint8)
