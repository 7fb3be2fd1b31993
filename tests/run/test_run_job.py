"""The main job as a whole, with a translator that needs no model."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from regloss.document import Hypothesis
from regloss.glossary.entry import Forbidden, TermEntry
from regloss.glossary.store import Glossary
from regloss.repair import Repairer
from regloss.run import run
from regloss.translation.echo import EchoTranslator
from regloss.translation.protocol import DEFAULT_DECODING, DecodingOptions

ZH = "快手去年首次盈利。\n公司在北京有两千名员工。\n分析师预计收入增长百分之十。\n"
EN = (
    "Quick hands made a profit for the first time last year.\n"
    "The company has two thousand employees in Beijing.\n"
    "Analysts expect revenue to grow by ten percent.\n"
)


class Counting(EchoTranslator):
    """Remembers how often it was asked for each source."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Counter[str] = Counter()

    def translate(
        self,
        sources: Sequence[str],
        *,
        options: DecodingOptions = DEFAULT_DECODING,
        prefixes: Sequence[str] | None = None,
    ) -> list[tuple[Hypothesis, ...]]:
        if prefixes is None:
            self.asked.update(sources)
        return super().translate(sources, options=options, prefixes=prefixes)


def test_a_parallel_source_is_translated_once_for_document_and_sentences(tmp_path: Path) -> None:
    (tmp_path / "a.zh.txt").write_text(ZH, encoding="utf-8")
    (tmp_path / "a.en.txt").write_text(EN, encoding="utf-8")
    glossary = Glossary.of([TermEntry("快手", "Kuaishou", forbidden=(Forbidden("quick hands"),))])
    engine = Counting()
    result = run(tmp_path / "a.en.txt", tmp_path / "a.zh.txt", Repairer(glossary), engine)
    assert [unit.fixed.split()[0] for unit in result.units] == ["Kuaishou", "The", "Analysts"]
    assert [choice.hypothesis.system for choice in result.choices] == ["fixed", "original", "original"]
    assert result.translation.text == ZH.replace("快手", "Kuaishou ")
    assert set(engine.asked.values()) == {1}
    assert len(engine.asked) >= 3
