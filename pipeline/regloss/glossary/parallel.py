"""Sentence pairs out of files that are translations of one another.

Two files with the same number of lines are taken line by line; else their sentences are aligned, and a pair of texts
that are no translations of one another is an error. A JSONL file whose lines have ``source`` and ``target`` needs no
second file. In two folders, files belong together by their names (see `regloss.formats.naming`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from regloss.document import Document, Relation
from regloss.errors import InputError, UsageError
from regloss.formats import is_records, pair_source, read_document, read_records
from regloss.formats.discover import discover
from regloss.formats.registry import known_suffixes

__all__ = ["Pair", "read_pairs"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A source segment and its translation; `place` says where the translation stands, such as ``a.txt:3``."""

    place: str
    source: str
    target: str


def read_pairs(source: Path | None, target: Path) -> Iterator[Pair]:
    """Yield the pairs of a file and its translation, or of two folders of such files, in the order of the targets.

    Args:
        source: None where `target` is JSONL with sources in it, or where each source stands beside its target.

    Raises:
        InputError: a file cannot be read, has no counterpart, or is no translation of it.
        UsageError: one is a file and the other a folder.
    """
    if source is not None and source.is_dir() != target.is_dir():
        raise UsageError(f"{source} and {target} must both be files or both be folders")
    for file in discover([target], known_suffixes()):
        if is_records(file.name):
            for record in read_records(file.path):
                if record.source is not None:
                    yield Pair(f"{file.name}:{record.line}", record.source, record.target)
            continue
        if source is not None and not source.is_dir():
            counterpart: Path | None = source
        else:
            folder = None if source is None else (source / file.name).parent
            counterpart = pair_source(file.path, folder)
        if counterpart is None:
            told = "no source file belongs to it; give it with --source, or name it like the source file"
            raise InputError(told, file.path)
        yield from _paired(read_document(counterpart), read_document(file.path), file.name, file.path)


def _paired(source: Document, target: Document, name: str, path: Path) -> Iterator[Pair]:
    lines = source.text.splitlines(), target.text.splitlines()
    if len(lines[0]) == len(lines[1]):
        for number, (left, right) in enumerate(zip(*lines, strict=True), 1):
            if left.strip() and right.strip():
                yield Pair(f"{name}:{number}", left.strip(), right.strip())
        return
    from regloss.alignment import align
    from regloss.segmentation import segment_document

    segments = segment_document(target)
    found = align(source.text, segments, target_text=target.text)
    if found.relation is not Relation.PARALLEL:
        counts = f"{len(lines[0])} lines against {len(lines[1])}"
        raise InputError(f"is no translation of {source.name} ({counts}, {found.relation}); leave it out", path)
    for link in found.links:
        if link.source and link.target:
            first = segments[link.target[0]]
            line = target.text.count("\n", 0, first.start) + 1
            texts = "".join(found.source_sentences[n] for n in link.source), [segments[n].target for n in link.target]
            yield Pair(f"{name}:{line}", texts[0], " ".join(texts[1]))
