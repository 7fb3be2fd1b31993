"""The translation memory: nothing twice, nothing changed, nothing lost."""

import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from regloss.document import Hypothesis
from regloss.errors import InputError
from regloss.translation.echo import EchoTranslator
from regloss.translation.memory import BriefMemory, RememberingTranslator, TranslationMemory
from regloss.translation.protocol import DEFAULT_DECODING, DecodingOptions


class Counting(EchoTranslator):
    """Remembers what it was asked."""

    def __init__(self, table: dict[str, list[str]] | None = None) -> None:
        super().__init__(table)
        self.asked: list[str] = []

    def translate(
        self,
        sources: Sequence[str],
        *,
        options: DecodingOptions = DEFAULT_DECODING,
        prefixes: Sequence[str] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        self.asked += sources
        return super().translate(sources, options=options, prefixes=prefixes)


@pytest.fixture
def memory(tmp_path: Path) -> TranslationMemory:
    return TranslationMemory(tmp_path / "new folder" / "memory.sqlite")


def test_nothing_is_translated_twice(memory: TranslationMemory) -> None:
    engine = Counting({"一": ["one", "uno"]})
    translator = RememberingTranslator(engine, memory)
    first = translator.translate(["一", "二", "一"], options=DecodingOptions(n_best=2))
    again = translator.translate(["二", "一"], options=DecodingOptions(n_best=2))
    assert engine.asked == ["一", "二"]
    assert first == EchoTranslator({"一": ["one", "uno"]}).translate(
        ["一", "二", "一"], options=DecodingOptions(n_best=2)
    )
    assert again == [first[1], first[0]]
    assert len(memory) == 2


def test_a_memory_of_one_piece_of_work_does_the_same_without_a_file() -> None:
    engine = Counting({"一": ["one", "uno"]})
    translator = RememberingTranslator(engine, BriefMemory())
    first = translator.translate(["一", "二", "一"])
    assert translator.translate(["二", "一"]) == [first[1], first[0]]
    assert translator.translate(["一"], prefixes=["Well"])[0][0].text == "Well one"
    assert engine.asked == ["一", "二", "一"]


def test_whatever_the_output_depends_on_is_part_of_the_key(memory: TranslationMemory) -> None:
    engine = Counting()
    translator = RememberingTranslator(engine, memory)
    translator.translate(["一"])
    translator.translate(["一"], options=DecodingOptions(beam=1))
    assert translator.translate(["一"], prefixes=["Well"])[0][0].text == "Well 一"
    RememberingTranslator(Counting({"一": ["other model"]}), memory).translate(["一"])
    assert engine.asked == ["一"] * 3
    assert len(memory) == 4


def test_it_survives_the_process(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    RememberingTranslator(Counting(), TranslationMemory(path)).translate(["一"])
    engine = Counting()
    RememberingTranslator(engine, TranslationMemory(path)).translate(["一"])
    assert engine.asked == []


def test_many_sources_and_broken_unicode_pass_through(memory: TranslationMemory) -> None:
    sources = [*(f"句子{i}" for i in range(1500)), "半\ud800个"]
    translator = RememberingTranslator(Counting(), memory)
    assert [c[0].text for c in translator.translate(sources)] == sources
    assert [c[0].text for c in translator.translate(sources)] == sources


def test_threads_can_share_it(memory: TranslationMemory) -> None:
    faults: list[Exception] = []

    def work(number: int) -> None:
        try:
            translator = RememberingTranslator(Counting(), memory)
            for i in range(20):
                sources = [f"{i}", f"{number}-{i}"]
                assert [c[0].text for c in translator.translate(sources)] == sources
        except (InputError, AssertionError) as exc:
            faults.append(exc)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert len(memory) == 20 + 4 * 20


@pytest.mark.parametrize("content", [b"this is no database at all, but long enough to be looked at" * 20, b"SQLite"])
def test_a_file_that_is_no_memory_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "memory.sqlite"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"memory\.sqlite: cannot be used as a translation memory .*--no-memory"):
        TranslationMemory(path)
    assert path.read_bytes() == content


def test_a_place_that_cannot_be_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="folder cannot be made"):
        TranslationMemory(tmp_path / "file" / "memory.sqlite")


def test_the_rest_of_the_engine_shows_through(memory: TranslationMemory) -> None:
    engine = EchoTranslator()
    translator = RememberingTranslator(engine, memory)
    assert (translator.name, translator.signature()) == (engine.name, engine.signature())
    assert translator.split("一") == ("一",)
    assert translator.score([("一", "一"), ("一", "x")]) == [0.0, -1.0]
    assert translator.attend([("一", "一")]) is None
