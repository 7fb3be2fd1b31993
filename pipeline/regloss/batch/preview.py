"""What a change of the glossary would do to files that are there: the edits that come, go or are left.

Both glossaries repair the same documents; what both do alike is not shown. Nothing is written.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from regloss.document import Document, Edit
from regloss.formats import is_records, pair_source, read_document, read_records
from regloss.formats.discover import InputFile
from regloss.repair import Repairer
from regloss.run import repair_document

__all__ = ["EditFunction", "PreviewLine", "edit_function", "preview", "read_documents"]

_REACH = 40
"""Context shown to either side of an edit, in code points."""

EditFunction = Callable[[Document], Sequence[Edit]]
"""Returns the edits of a document, all tiers, by position."""


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One edit that only one of the two glossaries makes, proposes or leaves.

    Attributes:
        place: file, line and column, such as ``a.txt:3:14``.
        edit: the edit.
        new: whether the glossary with the change makes it; else the one without.
        before, after: the words to the left and right, on the same line.
    """

    place: str
    edit: Edit
    new: bool
    before: str
    after: str


def preview(documents: Iterable[Document], old: EditFunction, new: EditFunction) -> tuple[PreviewLine, ...]:
    """Return the edits in which two glossaries differ, by document and position; what goes stands before what comes."""
    return tuple(line for document in documents for line in _lines(document, old(document), new(document)))


def read_documents(files: Iterable[InputFile]) -> Iterator[Document]:
    """Yield the documents in files, each with its source where that stands beside it.

    A JSONL file gives a document for each line, named by file and line.

    Raises:
        InputError: a file cannot be read.
        FormatError: it is not what its name says.
    """
    for file in files:
        if is_records(file.name):
            for record in read_records(file.path):
                yield replace(record.document(), name=f"{file.name}:{record.line}")
        else:
            beside = pair_source(file.path)
            source = None if beside is None else read_document(beside).text
            yield replace(read_document(file.path), name=file.name, source=source)


def edit_function(repairer: Repairer) -> EditFunction:
    """Return the function that makes the edits of a document; a single line is taken as parallel to its source."""

    def edits(document: Document) -> Sequence[Edit]:
        return repair_document(document, repairer, parallel="\n" not in document.text.strip("\n")).edits

    return edits


def _lines(document: Document, old: Sequence[Edit], new: Sequence[Edit]) -> Iterator[PreviewLine]:
    was, is_now = {_key(edit) for edit in old}, {_key(edit) for edit in new}
    gone = [(edit, False) for edit in old if _key(edit) not in is_now]
    come = [(edit, True) for edit in new if _key(edit) not in was]
    for edit, is_new in sorted((*gone, *come), key=lambda item: (item[0].start, item[1])):
        yield PreviewLine(_place(document, edit), edit, is_new, *_context(document.text, edit))


def _key(edit: Edit) -> tuple[object, ...]:
    return (edit.start, edit.end, edit.after, edit.term, edit.tier, edit.rule)


def _place(document: Document, edit: Edit) -> str:
    column = edit.start - document.text.rfind("\n", 0, edit.start)
    return f"{document.name}:{document.text.count(chr(10), 0, edit.start) + 1}:{column}"


def _context(text: str, edit: Edit) -> tuple[str, str]:
    left = text[max(0, edit.start - _REACH) : edit.start].rpartition("\n")[2]
    right = text[edit.end : edit.end + _REACH].partition("\n")[0]
    return left, right
