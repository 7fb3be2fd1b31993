"""Examples are run against whatever repairs."""

from regloss.glossary import Glossary
from regloss.glossary.entry import Example, TermEntry
from regloss.glossary.examples import ExampleFailure, check_examples, count_examples

REPAIR = Example(wrong="The quick hands grew.", right="Kuaishou grew.", source="快手增长了。")
KEEP = Example(keep="His quick hands saved the game.")
ENTRY = TermEntry("快手", "Kuaishou", examples=(REPAIR, KEEP))
GLOSSARY = Glossary.of([ENTRY, TermEntry("a", "b")])


def perfect(text: str, source: str | None) -> str:
    return text.replace("The quick hands", "Kuaishou")


def idle(text: str, source: str | None) -> str:
    return text


def test_examples_that_come_out_right() -> None:
    assert check_examples(GLOSSARY, perfect) == ()
    assert count_examples(GLOSSARY) == 2


def test_an_example_that_is_not_repaired() -> None:
    failure = ExampleFailure(ENTRY, REPAIR, REPAIR.wrong, REPAIR.right, REPAIR.wrong)
    assert check_examples(GLOSSARY, idle) == (failure,)


def test_a_sentence_that_should_have_stayed() -> None:
    def eager(text: str, source: str | None) -> str:
        return perfect(text, source).replace("His quick hands", "Kuaishou")

    failure = ExampleFailure(ENTRY, KEEP, KEEP.keep, KEEP.keep, "Kuaishou saved the game.")
    assert check_examples(GLOSSARY, eager) == (failure,)


def test_a_second_run_must_change_nothing() -> None:
    def restless(text: str, source: str | None) -> str:
        return text + "!" if text == REPAIR.right else perfect(text, source)

    failure = ExampleFailure(ENTRY, REPAIR, REPAIR.right, REPAIR.right, "Kuaishou grew.!")
    assert check_examples(GLOSSARY, restless) == (failure,)


def test_the_source_is_handed_on() -> None:
    seen = []

    def spy(text: str, source: str | None) -> str:
        seen.append((text, source))
        return text

    check_examples(GLOSSARY, spy)
    assert seen == [(REPAIR.wrong, REPAIR.source), (REPAIR.right, REPAIR.source), (KEEP.keep, None)]
