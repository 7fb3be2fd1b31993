"""Loops in translations: known when seen, and decoded again."""

from collections.abc import Callable

import pytest

from regloss.document import Hypothesis
from regloss.translation.ct2 import Ct2Translator
from regloss.translation.echo import EchoTranslator
from regloss.translation.loops import is_looping, translate_without_loops
from regloss.translation.protocol import DecodingOptions


@pytest.mark.parametrize(
    "text",
    ["opopopopop", "live stream stream stream stream", "a b, a b, a b, a b", "so so so so so", "Foooooook"],
)
def test_loops_are_known(text: str) -> None:
    assert is_looping(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "very very very good",
        "1,000,000,000,000",
        "...... ------ 1 1 1 1 1",
        "Mississippi",
        "Pinduoduo and Pinduoduo",
    ],
)
def test_what_is_no_loop_is_left(text: str) -> None:
    assert not is_looping(text)


@pytest.mark.parametrize("unit", ["ab cd, ab cd, x", "w1 x2 ", "aaa"])
def test_looking_takes_time_in_proportion(growth: Callable[..., float], unit: str) -> None:
    assert growth(lambda count: is_looping(unit * count), 2_000, 16_000) < 40


def test_a_lower_candidate_that_does_not_loop_is_taken() -> None:
    engine = EchoTranslator({"好": ["go go go go", "go"]})
    (made,) = translate_without_loops(engine, ["好"], options=DecodingOptions(n_best=2))
    assert [c.text for c in made] == ["go", "go go go go"]


def test_what_loops_is_decoded_again_more_strictly() -> None:
    asked: list[tuple[list[str], int, list[str] | None]] = []

    class Looping(EchoTranslator):
        def translate(self, sources, *, options=DecodingOptions(), prefixes=None):  # type: ignore[no-untyped-def] # noqa: B008
            asked.append((list(sources), options.no_repeat_ngram, prefixes))
            text = "go go go go" if options.no_repeat_ngram > 3 else "go"
            return [(Hypothesis("x", text if source == "坏" else source, -1.0),) for source in sources]

    made = translate_without_loops(Looping(), ["好", "坏"], options=DecodingOptions(), prefixes=["a", "b"])
    assert [c[0].text for c in made] == ["好", "go"]
    assert asked == [(["好", "坏"], 8, ["a", "b"]), (["坏"], 3, ["b"])]


def test_what_loops_in_any_case_is_returned_as_it_came() -> None:
    engine = EchoTranslator({"好": ["go go go go"]})
    assert translate_without_loops(engine, ["好"], options=DecodingOptions())[0][0].text == "go go go go"


def test_the_real_model_loops_less(model: Ct2Translator) -> None:
    # Laughter and thanks are left out: their translation repeats itself with right.
    sources = ["一二三四五六七八九十" * 3, "春夏秋冬" * 6, "红橙黄绿青蓝紫" * 4, "东南西北" * 6, "慢慢地" * 10]
    plain = model.translate(sources, options=DecodingOptions())
    made = translate_without_loops(model, sources, options=DecodingOptions())
    before, after = (sum(is_looping(found[0].text) for found in each) for each in (plain, made))
    assert before, "the model no longer loops here; find sources on which it does"
    assert after < before
