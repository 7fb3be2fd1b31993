"""What parallel texts say about a glossary: renderings that it does not list, terms that it lacks or could spare."""

from collections.abc import Sequence
from dataclasses import dataclass

from regloss.document import Span
from regloss.glossary import Forbidden, Glossary, TermEntry
from regloss.glossary.mining import Proposal, find_new_terms, find_renderings, find_unused, rendering_key
from regloss.glossary.parallel import Pair


@dataclass(frozen=True)
class Words:
    span: Span
    probability: float


class Table:
    """Finds a term by what a table says it is called."""

    def __init__(self, table: dict[str, dict[str, float]]) -> None:
        self.table = table

    def align_term(self, source: str, term: str, target: str) -> Sequence[Words]:
        found = [
            Words(Span(target.index(form), target.index(form) + len(form)), probability)
            for form, probability in self.table.get(term, {}).items()
            if form in target
        ]
        return sorted(found, key=lambda words: -words.probability)


KUAISHOU = TermEntry("快手", "Kuaishou", forbidden=(Forbidden("quick hands"),))
PAIRS = [
    Pair("1", "快手增长。", "The fast players grew."),
    Pair("2", "快手和抖音。", "Kuaishou and vibrato."),
    Pair("3", "快手是快手。", "Quick hands are a fast-player."),
    Pair("4", "快手亏损。", "The loss of Swift."),
    Pair("5", "快手手快。", "Kuaishou is quick."),
]
TABLE = Table({"快手": {"The fast players": 0.6, "fast-player": 0.5, "Swift": 0.7}})


def test_renderings_are_clustered_and_counted() -> None:
    first, second = find_renderings(Glossary.of([KUAISHOU]), PAIRS, TABLE)
    assert first == Proposal("rendering", "快手", "Kuaishou", "fast players", 2, 2 / 6, 1.1, (PAIRS[0], PAIRS[2]))
    assert (second.rendering, second.count) == ("Swift", 1)


def test_what_is_listed_is_not_proposed() -> None:
    listed = TermEntry(
        "快手", "Kuaishou", admitted=("Swift",), forbidden=(Forbidden("fast players"), *KUAISHOU.forbidden)
    )
    assert find_renderings(Glossary.of([listed]), PAIRS, TABLE) == ()


def test_what_is_foreseen_votes_too() -> None:
    blind = Table({})
    (only,) = find_renderings(Glossary.of([KUAISHOU]), PAIRS[:1], blind, lambda entry: ["fast player", "fast players"])
    assert (only.rendering, only.count) == ("fast players", 1)
    assert find_renderings(Glossary.of([KUAISHOU]), PAIRS[:1], blind) == ()


def words(text: str) -> list[str]:
    return [text[start : start + 2] for start in range(0, len(text), 2)]


def test_a_recurring_word_with_several_names_is_a_new_term() -> None:
    pairs = [
        Pair(str(number), f"抖音快手第{number}", f"{name} and Kuaishou")
        for number, name in enumerate(["vibrato", "Douyin", "Douyin", "vibrato", "Douyin", "trill"])
    ]
    table = Table({"抖音": {"vibrato": 0.5, "Douyin": 0.5, "trill": 0.5}, "快手": {"Kuaishou": 0.9}})
    (found,) = find_new_terms(Glossary.of([]), pairs, table, words)
    assert (found.kind, found.source, found.target, found.rendering, found.count) == (
        "new-term", "抖音", "Douyin", "vibrato", 2,
    )  # fmt: skip
    assert find_new_terms(Glossary.of([TermEntry("抖音", "Douyin")]), pairs, table, words) == ()
    assert find_new_terms(Glossary.of([]), pairs[:2], table, words) == ()


def test_endings_and_function_words_make_no_term() -> None:
    forms = ["training", "train", "trains", "training", "train", "which", "which"]
    pairs = [Pair(str(number), "培训", form) for number, form in enumerate(forms)]
    table = Table({"培训": dict.fromkeys(forms, 0.5)})
    assert find_new_terms(Glossary.of([]), pairs, table, words) == ()


def test_entries_to_spare() -> None:
    glossary = Glossary.of([TermEntry("淘宝", "Taobao"), TermEntry("快手", "Quickhand"), KUAISHOU])
    assert find_unused(glossary, PAIRS) == (
        Proposal("unused", "淘宝", "Taobao"),
        Proposal("overridden", "快手", "Quickhand"),
    )


def test_the_key_of_a_rendering() -> None:
    same = ["the quick hands", "Quick-hand", "quick hands'", "a quick hand's", "in the quick hands of"]
    assert {rendering_key(text) for text in same} == {"quick hand"}
    assert rendering_key("bringing goods") == rendering_key("brought goods")
    assert rendering_key("moorings") == rendering_key("mooring")
    assert rendering_key("of the") == ""
