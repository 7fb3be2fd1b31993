"""A preview shows the edits in which two glossaries differ, in files of every form, and writes nothing."""

from pathlib import Path

import pytest

from regloss.batch.preview import PreviewLine, edit_function, preview, read_documents
from regloss.document import Tier
from regloss.errors import InputError
from regloss.formats.discover import InputFile
from regloss.glossary import Forbidden, Glossary, Guard, Kind, TermEntry
from regloss.repair import Repairer

PLAIN = TermEntry("蓝葫芦", "Lanhulu", forbidden=(Forbidden("blue gourd"),), kind=Kind.NAME)
GUARDED = TermEntry(
    "蓝葫芦", "Lanhulu", forbidden=(Forbidden("blue gourd", guard=Guard(unless=("soup",))),), kind=Kind.NAME
)


def look(files: list[Path], before: list[TermEntry], after: list[TermEntry]) -> list[tuple[str, str, Tier, bool]]:
    documents = read_documents(InputFile(path, path.name) for path in files)
    old, new = (edit_function(Repairer(Glossary.of(entries))) for entries in (before, after))
    return [(line.place, line.edit.after, line.edit.tier, line.new) for line in preview(documents, old, new)]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_what_comes_and_what_goes(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", "Nothing here.\nSee the blue gourd grow.\n")
    assert look([file], [], [PLAIN]) == [("a.txt:2:5", "Lanhulu", Tier.AUTO, True)]
    assert look([file], [PLAIN], []) == [("a.txt:2:5", "Lanhulu", Tier.AUTO, False)]
    assert look([file], [PLAIN], [PLAIN]) == []


def test_a_change_of_tier_shows_as_both(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", "The soup of the blue gourd is cold.\n")
    gone, come = look([file], [PLAIN], [GUARDED])
    assert (gone[2:], come[2:]) == ((Tier.AUTO, False), (Tier.LEAVE, True))


def test_sources_count_where_they_stand_beside_or_within(tmp_path: Path) -> None:
    write(tmp_path / "a.zh.txt", "蓝葫芦上市了。\n")
    files = [
        write(tmp_path / "a.en.txt", "The blue gourd went public.\n"),
        write(
            tmp_path / "b.jsonl",
            '{"source": "蓝葫芦上市了。", "target": "The blue gourd went public."}\n'
            '{"source": "汤很好。", "target": "The blue gourd is good."}\n',
        ),
    ]
    found = [(place, tier) for place, _, tier, _ in look(files, [], [GUARDED])]
    assert found == [("a.en.txt:1:1", Tier.AUTO), ("b.jsonl:1:1:1", Tier.AUTO), ("b.jsonl:2:1:1", Tier.LEAVE)]


def test_the_context_stays_on_its_line(tmp_path: Path) -> None:
    file = write(tmp_path / "a.txt", "One.\nWe see the blue gourd grow.\nTwo.\n")
    documents = read_documents([InputFile(file, file.name)])
    lines = preview(documents, lambda _document: (), edit_function(Repairer(Glossary.of([PLAIN]))))
    assert [(type(line), line.before, line.after) for line in lines] == [(PreviewLine, "We see ", " grow.")]
    assert file.read_text(encoding="utf-8").startswith("One.")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.txt: no such file"):
        look([tmp_path / "none.txt"], [], [PLAIN])
