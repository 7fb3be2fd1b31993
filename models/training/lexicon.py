"""Estimates the bilingual lexicon from the open corpus and writes `models/zh-en-lexicon`.

    OMP_NUM_THREADS=1 nice -n 15 python models/training/lexicon.py --corpus CORPUS --out models/zh-en-lexicon
    python models/training/lexicon.py --tiny --out SOMEWHERE          # seconds, on the repository's own sentences

1. Pairs are drawn from the corpus by source (`SHARES`: general and business text above manuals and law).
2. Both sides become words, the Chinese once finely and once with every dictionary word whole; each word's row comes
   from the segmentation that keeps it whole.
3. Word translation probabilities are estimated by expectation maximisation in both directions at once: IBM model 1
   (Brown et al. 1993), then with a prior that favours the diagonal (Dyer, Chahuneau & Smith 2013), at last with
   expected counts on which the two directions agree (after Liang, Taskar & Klein 2006), which symmetrises.
4. Entries that carry little are pruned, dictionary glosses and pinyin readings are added, card and file are written.

Everything is dense NumPy: sentence pairs of the same lengths (I, J) form one block of shape (n, I, J).
"""

import argparse
import json
import logging
import lzma
import math
import re
import resource
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regloss.alignment.lexicon import FILE_NAME, Entry, Lexicon, pack, segment, target_words, write_lexicon
from regloss.text import is_han

# Share of each source that is read; the rest of `core` is read whole.
SHARES = {
    "tw_laws": 0.3,
    "ms_Dynamics-365-Operations": 0.8,
    "python_docs": 0.5,
    "bible_cuv_web": 0.5,
    "php_docs": 0.8,
}
DOCS_SHARE = 0.08
# How often a pair of this source counts.
WEIGHTS = {"authored": 3.0, "cedict": 1.0}
AGREEMENT = 0.5
# How much of a headword's probability its dictionary renderings get, and words of theirs that mean nothing alone.
DICTIONARY_SHARE = 0.15
GLOSS_FILLERS = set("a an and as at be by for from in into of on one one's or out sb sth the to up with".split())
DICTIONARIES = {"cedict", "dbp15k_names", "names_geo"}
CARD_SOURCES = (
    ("CC-CEDICT 2026-04", "CC-BY-SA-4.0", "dictionary entries; https://cc-cedict.org"),
    ("DBpedia labels (DBP15K)", "CC-BY-SA-3.0", "names of people, places, firms, works"),
    ("Unicode CLDR, country lists", "Unicode-3.0, ODbL-1.0", "countries, languages, currencies, cities"),
    ("Microsoft Docs", "CC-BY-4.0", "software help, retail, finance"),
    ("Alibaba Cloud docs", "MIT", "cloud manuals"),
    ("Python, PHP, React manuals", "PSF-2.0/CC0-1.0, CC-BY-3.0, CC-BY-4.0", "software manuals"),
    ("Taiwan law database, Taiwan post", "not subject to copyright, open government data", "statutes, place names"),
    ("Tatoeba", "CC-BY-2.0-FR", "conversation"),
    ("3AM", "MIT", "image captions"),
    ("MLQE-PE", "CC0-1.0", "encyclopaedia sentences"),
    ("Chinese Union Version × World English Bible", "public domain", "archaic prose"),
    ("tldr-pages, opensource.guide, CNCF glossary", "CC-BY-4.0, Apache-2.0", "short prose"),
    ("bitcoin.org, mozilla www-l10n", "MIT, MPL-2.0", "prose"),
    ("pairs written for this project", "CC0-1.0", "business, live commerce, technology, finance, news"),
    ("pypinyin 0.55 (Unihan readings)", "MIT", "pinyin readings of characters"),
)
_LONG_NUMBER = re.compile(r"[\d.,]{3,}")
_GLOSS_NOISE = re.compile(
    r"^(variant|old variant|erroneous variant|also written|see|see also|surname|abbr\.|used in|classifier|CL:|"
    r"measure word|japanese variant|archaic|\(|one of|name of|an? kind of)\b",
    re.IGNORECASE,
)
_GLOSS_LEAD = re.compile(r"^(to|an?|the) (?=\S)", re.IGNORECASE)


@dataclass(frozen=True)
class Pair:
    """One line of the corpus; `whole` keeps the source as a single word."""

    source: str
    target: str
    origin: str
    weight: float = 1.0


@dataclass
class Block:
    """Sentence pairs of one shape: `source` (n, I) and `target` (n, J) word ids, `weight` (n,), ids of word pairs."""

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    weight: NDArray[np.float32]
    pairs: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.source.shape[0], self.source.shape[1], self.target.shape[1]


@dataclass
class Model:
    """Word-pair table: `source` and `target` ids (P,), probabilities (P,) both ways, and those of the empty word."""

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    forward: NDArray[np.float32]
    backward: NDArray[np.float32]
    null_target: NDArray[np.float32]
    null_source: NDArray[np.float32]


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────
def read_corpus(folder: Path, shards: Iterable[str], seed: int, share: float) -> Iterator[Pair]:
    """Yield the drawn pairs of each shard; a pair is drawn by its own hash, so order and other shards do not matter."""
    for shard in shards:
        opener = lzma.open if shard.endswith(".xz") else open
        rest = DOCS_SHARE if ".docs-" in shard else 1.0
        with opener(folder / shard, "rt", encoding="utf-8") as lines:
            for line in lines:
                source, target, origin = line.rstrip("\n").split("\t")
                wanted = SHARES.get(origin, rest) * (1.0 if origin == "authored" else share)
                if zlib.crc32(line.encode(), seed) < wanted * 2**32:
                    yield Pair(source, target, origin, WEIGHTS.get(origin, 1.0))


def tiny_corpus(repository: Path) -> list[Pair]:
    """Return pairs made of glossary-free toy sentences, enough to see the estimation work in seconds."""
    lines = (repository / "models/training/tiny-lexicon.tsv").read_text(encoding="utf-8").splitlines()
    return [Pair(*line.split("\t")[:2], "tiny") for line in lines if not line.startswith("#")]


class Words:
    """Splits the two sides into words; Chinese with jieba's unigram model, hidden Markov guesses off.

    With `raised`, headwords join jieba's words, and each word of several characters is made at least as frequent as
    its parts predict: jieba alone would split 主播 because its characters are common.
    """

    def __init__(self, headwords: Iterable[str], raised: bool = False) -> None:
        import jieba

        jieba.setLogLevel(logging.WARNING)
        self._cut = jieba.Tokenizer()
        self._cut.initialize()
        self._latin = Lexicon(pack({}))
        listed = {word for word, count in self._cut.FREQ.items() if count and len(word) > 1}
        for word in sorted({*listed, *headwords} if raised else (), key=lambda w: (len(w), w)):
            if all(map(is_han, word)):
                self._raise(word)

    def _raise(self, word: str) -> None:
        expected = 1.0
        for part in self._cut.cut(word, HMM=False):
            expected *= self._cut.FREQ.get(part, 1) / self._cut.total
        wanted = int(expected * self._cut.total) + 1
        if wanted > self._cut.FREQ.get(word, 0):
            self._cut.add_word(word, wanted)

    def source(self, text: str) -> list[str]:
        """Return the folded words of a Chinese text, long numbers left out."""
        found: list[str] = []
        for word in self._cut.cut(text, HMM=False):
            if is_han(word[0]):
                found.append(word)
            elif word[0].isalnum():
                found.extend(piece.form for piece in self._latin.source_words(word))
        return [word for word in found if not _LONG_NUMBER.fullmatch(word)]

    @staticmethod
    def target(text: str) -> list[str]:
        """Return the folded words of an English text, long numbers left out."""
        return [word.form for word in target_words(text) if not _LONG_NUMBER.fullmatch(word.form)]


Table = dict[str, list[Entry]]
Tokens = tuple[list[str], list[str], float]


def headwords(pairs: Iterable[Pair]) -> set[str]:
    """Return the words that the corpus itself lists: dictionary entries, and lines that are but a name or a term."""
    return {
        pair.source
        for pair in pairs
        if 1 < len(pair.source) <= (6 if pair.origin == "cedict" else 4)
        and all(map(is_han, pair.source))
        and (pair.origin in DICTIONARIES or (pair.origin == "authored" and pair.target.count(" ") < 3))
    }


def tokenise(pairs: list[Pair], words: Words, longest: int) -> tuple[list[Tokens], Counter[str]]:
    """Return (source words, target words, weight) of every usable pair, and how often each source word stands in text.

    A dictionary headword goes in twice: split, and whole where the split differs.
    """
    found: list[Tokens] = []
    counts: Counter[str] = Counter()
    for pair in pairs:
        source, target = words.source(pair.source), words.target(pair.target)
        if not (0 < len(source) <= longest and 0 < len(target) <= longest):
            continue
        found.append((source, target, pair.weight))
        if pair.origin in DICTIONARIES and len(source) > 1 and len(pair.source) <= 8 and all(map(is_han, pair.source)):
            found.append(([pair.source], target, pair.weight))
        if pair.origin not in DICTIONARIES:
            counts.update(source)
    return found, counts


def smooth_frequencies(words: Iterable[str], counts: Counter[str]) -> dict[str, float]:
    """Return a frequency for each word, for a unigram segmenter: its count, but no less than its parts predict."""
    total = counts.total() + 1.0
    logs = {word: math.log(count / total) for word, count in counts.items() if len(word) == 1}
    logs[""] = math.log(0.5 / total)
    for word in sorted(words, key=lambda w: (len(w), w)):
        if all(map(is_han, word)):
            expected = sum(logs.get(part, logs[""]) for part in segment(word, logs))
            logs[word] = max(expected, math.log(counts[word] / total) if counts[word] else -math.inf) + 1e-6
    del logs[""]
    return {word: total * math.exp(log) for word, log in logs.items()}


# ── estimation ───────────────────────────────────────────────────────────────────────────────────────────────────
def vocabulary(sides: Iterable[list[str]], at_least: int) -> dict[str, int]:
    """Number the words seen at least so often, commonest first; 0 is every other word."""
    counts: Counter[str] = Counter()
    for side in sides:
        counts.update(side)
    kept = sorted((word for word, count in counts.items() if count >= at_least), key=lambda w: (-counts[w], w))
    return {word: number for number, word in enumerate(kept, start=1)}


def make_blocks(tokens: list[Tokens], source_ids: dict[str, int], target_ids: dict[str, int]) -> list[Block]:
    """Group the pairs by shape, in a fixed order."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, (source, target, _) in enumerate(tokens):
        groups[len(source), len(target)].append(number)
    blocks = []
    for shape in sorted(groups):
        chosen = groups[shape]
        blocks.append(
            Block(
                np.array([[source_ids.get(w, 0) for w in tokens[k][0]] for k in chosen], dtype=np.int32),
                np.array([[target_ids.get(w, 0) for w in tokens[k][1]] for k in chosen], dtype=np.int32),
                np.array([tokens[k][2] for k in chosen], dtype=np.float32),
            )
        )
    return blocks


def index_pairs(blocks: list[Block], sources: int, targets: int, chunk: int = 8_000_000) -> Model:
    """Number the distinct word pairs that stand together anywhere, note the numbers in the blocks, start uniformly."""
    keys: list[NDArray[np.int64]] = []
    inverses: list[tuple[list[Block], NDArray[np.int32]]] = []
    waiting: list[Block] = []
    for block in [*blocks, None]:
        if block is not None:
            waiting.append(block)
        if waiting and (block is None or sum(np.prod(b.shape) for b in waiting) >= chunk):
            flat = np.concatenate(
                [(b.source[:, :, None].astype(np.int64) * targets + b.target[:, None, :]).ravel() for b in waiting]
            )
            unique, inverse = np.unique(flat, return_inverse=True)
            keys.append(unique)
            inverses.append((waiting, inverse.astype(np.int32)))
            waiting = []
    merged = np.unique(np.concatenate(keys))
    for unique, (group, inverse) in zip(keys, inverses, strict=True):
        numbers = np.searchsorted(merged, unique).astype(np.int32)[inverse]
        ends = np.cumsum([np.prod(b.shape) for b in group])
        for block, part in zip(group, np.split(numbers, ends[:-1]), strict=True):
            block.pairs = part.reshape(block.shape)
    return Model(
        source=(merged // targets).astype(np.int32),
        target=(merged % targets).astype(np.int32),
        forward=np.full(len(merged), 1 / targets, dtype=np.float32),
        backward=np.full(len(merged), 1 / sources, dtype=np.float32),
        null_target=np.full(targets, 1 / targets, dtype=np.float32),
        null_source=np.full(sources, 1 / sources, dtype=np.float32),
    )


def diagonal(rows: int, columns: int, tension: float) -> NDArray[np.float32]:
    """Return the (rows, columns) prior exp(−tension · |i/I − j/J|), not normalised; tension 0 is IBM model 1."""
    i = (np.arange(rows) + 0.5) / rows
    j = (np.arange(columns) + 0.5) / columns
    return np.exp(-tension * np.abs(i[:, None] - j[None, :])).astype(np.float32)


def posteriors(
    block: Block, model: Model, tension: float, null: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return, of shape (n, I, J) each, who wrote each target word and who wrote each source word.

    The first sums to at most 1 over I, the second over J; what is missing went to the empty word.
    """
    prior = diagonal(*block.shape[1:], tension)
    forward = model.forward[block.pairs] * ((1 - null) * prior / prior.sum(0, keepdims=True))
    forward /= forward.sum(1, keepdims=True) + null * model.null_target[block.target][:, None, :]
    backward = model.backward[block.pairs] * ((1 - null) * prior / prior.sum(1, keepdims=True))
    backward /= backward.sum(2, keepdims=True) + null * model.null_source[block.source][:, :, None]
    return forward, backward


def step(blocks: list[Block], model: Model, tension: float, null: float, agreement: float) -> tuple[Model, NDArray]:
    """Return the model after one round of expectation maximisation, and the expected joint counts (P,).

    A link counts as its own posterior times the other direction's to the power `agreement`: 0 trains the directions
    apart, 1 is the product of Liang et al., which would leave 毛利率 only one of the words of "gross margin".
    """
    sources, targets = len(model.null_source), len(model.null_target)
    ahead = np.zeros(len(model.source), dtype=np.float32)
    back = np.zeros(len(model.source), dtype=np.float32)
    null_target, null_source = np.full(targets, 1e-3), np.full(sources, 1e-3)
    for block in blocks:
        forward, backward = posteriors(block, model, tension, null)
        weight = block.weight[:, None]
        null_target += np.bincount(block.target.ravel(), (weight * (1 - forward.sum(1))).ravel(), targets)
        null_source += np.bincount(block.source.ravel(), (weight * (1 - backward.sum(2))).ravel(), sources)
        flat = block.pairs.ravel()
        agreed = forward * backward**agreement, backward * forward**agreement
        np.add.at(ahead, flat, (weight[:, :, None] * agreed[0]).ravel())
        np.add.at(back, flat, (weight[:, :, None] * agreed[1]).ravel())
    per_source = np.bincount(model.source, ahead, sources) + 1e-9
    per_target = np.bincount(model.target, back, targets) + 1e-9
    changed = Model(
        model.source,
        model.target,
        (ahead / per_source[model.source]).astype(np.float32),
        (back / per_target[model.target]).astype(np.float32),
        (null_target / null_target.sum()).astype(np.float32),
        (null_source / null_source.sum()).astype(np.float32),
    )
    return changed, ahead


def estimate(
    blocks: list[Block], model: Model, rounds: tuple[int, int, int], agreement: float = AGREEMENT
) -> tuple[Model, NDArray]:
    """Run IBM model 1, then the diagonal prior, then agreement, for so many rounds each."""
    plan = [(0.0, 0.0)] * rounds[0] + [(3.0, 0.0)] * rounds[1] + [(3.0, agreement)] * rounds[2]
    counts = np.zeros(0, dtype=np.float32)
    for number, (tension, power) in enumerate(plan, start=1):
        began = time.process_time()
        model, counts = step(blocks, model, tension, 0.1, power)
        print(f"round {number}/{len(plan)}: {time.process_time() - began:.1f} CPU s", flush=True)
    return model, counts


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────
def prune(model: Model, counts: NDArray, sources: list[str], targets: list[str], least: float, most: int) -> Table:
    """Return the entries worth keeping, at most `most` a source word.

    An entry needs an expected count of `least` and a probability that could ever decide an alignment.
    """
    strong = (model.forward >= 0.005) & (counts >= least) & (model.source > 0) & (model.target > 0)
    strong &= (model.forward >= 0.02) | (model.backward >= 0.002)
    chosen = np.flatnonzero(strong)
    order = chosen[np.lexsort((-model.forward[chosen], model.source[chosen]))]
    table: dict[str, list[Entry]] = defaultdict(list)
    for k in order.tolist():
        row = table[sources[model.source[k]]]
        if len(row) < most:
            row.append(Entry(targets[model.target[k]], float(model.forward[k]), float(model.backward[k])))
    return dict(table)


def dictionary_glosses(pairs: Iterable[Pair], most: int = 5) -> dict[str, list[str]]:
    """Return the short renderings of each dictionary headword, in the dictionary's order."""
    found: dict[str, list[str]] = defaultdict(list)
    for pair in pairs:
        if pair.origin not in DICTIONARIES or _GLOSS_NOISE.match(pair.target):
            continue
        gloss = _GLOSS_LEAD.sub("", re.sub(r"\s*\([^)]*\)\s*", " ", pair.target).strip())
        row = found[pair.source]
        if gloss and len(gloss) <= 40 and gloss.count(" ") <= 3 and gloss not in row and len(row) < most:
            row.append(gloss)
    return {term: row for term, row in found.items() if row}


def merge(fine: Table, coarse: Table, fine_counts: Counter[str], coarse_counts: Counter[str]) -> Table:
    """Return one row for each word: that of the segmentation which keeps the word whole; the finer one if both do."""
    return coarse | {
        word: row for word, row in fine.items() if word not in coarse or fine_counts[word] * 2 >= coarse_counts[word]
    }


def add_dictionary(table: Table, glosses: dict[str, list[str]], share: float = DICTIONARY_SHARE) -> Table:
    """Return the table with `share` of each headword's probability spread over the words of its glosses, both ways.

    Whatever the corpus calls a thing, its dictionary renderings are what a literal translation will hold.
    """
    spread = {term: _spread(row) for term, row in glosses.items()}
    mass: Counter[str] = Counter()
    for words in spread.values():
        mass.update(words)
    merged = dict(table)
    for term, words in spread.items():
        row = {entry.target: entry for entry in table.get(term, ())}
        part = share if row else 1.0
        merged[term] = [
            Entry(
                word,
                (1 - part) * (row[word].forward if word in row else 0.0) + part * words.get(word, 0.0),
                (1 - part) * (row[word].backward if word in row else 0.0)
                + part * words.get(word, 0.0) / max(mass[word], 1e-9),
            )
            for word in dict.fromkeys([*row, *words])
        ]
    return {term: row for term, row in merged.items() if row}


def _spread(glosses: list[str]) -> dict[str, float]:
    """Return a distribution over the content words of the glosses, each gloss with the same mass."""
    found: Counter[str] = Counter()
    for gloss in glosses:
        words = [word.form for word in target_words(gloss)]
        content = [word for word in words if word not in GLOSS_FILLERS] or words
        for word in content:
            found[word] += 1 / len(content) / len(glosses)
    return dict(found)


def pinyin_readings(characters: Iterable[str]) -> dict[str, list[str]]:
    """Return up to three toneless readings of each character; empty without the optional package pypinyin."""
    try:
        import pypinyin
    except ImportError:
        print("pypinyin is not installed: the lexicon will hold no readings")
        return {}
    found = {}
    for char in characters:
        (readings,) = pypinyin.pinyin(char, heteronym=True, style=pypinyin.Style.NORMAL)
        plain = [r.replace("ü", "v") for r in dict.fromkeys(readings) if r.isalpha()]
        if plain and plain[0] != char:
            found[char] = plain[:3]
    return found


def write_card(folder: Path, digest: str, lines: dict[str, str | int | float]) -> None:
    """Write `card.toml`: checksum, figures, and the sources with their licences."""
    body = [f"{key} = {json.dumps(value)}" for key, value in lines.items()]
    for name, licence, what in CARD_SOURCES:
        body += ["", "[[data]]", f'name = "{name}"', f'licence = "{licence}"', f'what = "{what}"']
    text = f'file = "{FILE_NAME}"\nsha256 = "{digest}"\n' + "\n".join(body) + "\n"
    (folder / "card.toml").write_text(text, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--corpus", type=Path, help="folder with zh-en.core.tsv.xz and its sister files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tiny", action="store_true", help="a toy run in seconds, without a corpus")
    parser.add_argument("--share", type=float, default=1.0, help="further thinning of everything but authored pairs")
    parser.add_argument("--longest", type=int, default=40, help="longest side, in words")
    parser.add_argument("--most", type=int, default=24, help="entries kept a source word")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not options.tiny and options.corpus is None:
        parser.error("--corpus is needed unless --tiny is given")
    train(options)


def learn(pairs: list[Pair], words: Words, options: argparse.Namespace) -> tuple[Table, Counter[str], int]:
    """Estimate one table under one segmentation; return it with the word counts and the number of word positions."""
    tokens, counts = tokenise(pairs, words, options.longest)
    source_ids = vocabulary((t[0] for t in tokens), 1)
    target_ids = vocabulary((t[1] for t in tokens), 2)
    print(f"{len(tokens)} token pairs, vocabularies {len(source_ids)} × {len(target_ids)}", flush=True)
    blocks = make_blocks(tokens, source_ids, target_ids)
    del tokens
    model = index_pairs(blocks, len(source_ids) + 1, len(target_ids) + 1)
    positions = sum(int(np.prod(block.shape)) for block in blocks)
    print(f"{positions} word positions, {len(model.source)} distinct pairs", flush=True)
    model, expected = estimate(blocks, model, (4, 3, 3))
    return prune(model, expected, ["", *source_ids], ["", *target_ids], 0.3, options.most), counts, positions


def train(options: argparse.Namespace) -> None:
    """Do the whole run that the options ask for."""
    began = time.process_time()
    if options.tiny:
        pairs = tiny_corpus(Path(__file__).parents[2])
    else:
        shards = ["zh-en.authored.tsv", "zh-en.core.tsv.xz", "zh-en.docs-1.tsv.xz", "zh-en.docs-2.tsv.xz"]
        pairs = list(read_corpus(options.corpus, shards, options.seed, options.share))
    print(f"{len(pairs)} pairs read", flush=True)
    fine, fine_counts, positions = learn(pairs, Words(()), options)
    if options.tiny:
        coarse, coarse_counts = fine, fine_counts
    else:
        coarse, coarse_counts, _ = learn(pairs, Words(headwords(pairs), raised=True), options)
    glosses = dictionary_glosses(pairs)
    table = add_dictionary(merge(fine, coarse, fine_counts, coarse_counts), glosses)
    frequencies = smooth_frequencies((word for word in table if len(word) <= 8), coarse_counts)
    readings = pinyin_readings(sorted({char for word in table for char in word if is_han(char)}))
    options.out.mkdir(parents=True, exist_ok=True)
    digest = write_lexicon(pack(table, frequencies, glosses, readings), options.out / FILE_NAME)
    size = (options.out / FILE_NAME).stat().st_size
    spent = time.process_time() - began
    write_card(
        options.out,
        digest,
        {
            "name": "zh-en-lexicon",
            "licence": "CC-BY-SA-4.0",
            "method": "IBM model 1, diagonal prior, agreement of directions; two segmentations; dictionary",
            "pairs": len(pairs),
            "word_positions": positions,
            "source_words": len(table),
            "target_words": len({entry.target for row in table.values() for entry in row}),
            "entries": sum(map(len, table.values())),
            "gloss_terms": len(glosses),
            "bytes": size,
            "seed": options.seed,
            "training_cpu_seconds": round(spent),
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "machine": "one thread of an x86-64 server CPU",
        },
    )
    print(f"wrote {options.out / FILE_NAME}: {size / 1e6:.1f} MB, {spent:.0f} CPU s")


if __name__ == "__main__":
    main()
