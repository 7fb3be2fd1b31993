from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.formats import protected_spans


def protected(text: str) -> list[str]:
    return [text[s.start : s.end] for s in protected_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://a.com/b?c=d. Then", ["https://a.com/b?c=d"]),
        ("(see http://a.com/x)", ["http://a.com/x"]),
        ("“http://a.com”", ["http://a.com"]),
        ("访问https://a.com/quick。", ["https://a.com/quick"]),
        ("Mail quick.hands@b.com.", ["quick.hands@b.com"]),
        ("www.quick-hands.com now", ["www.quick-hands.com"]),
        ("JD.com’s plan", ["JD.com"]),
        ("quickhands.com/path/vibrato?x=1, yes", ["quickhands.com/path/vibrato?x=1"]),
        ("/usr/share/vibrato.", ["/usr/share/vibrato"]),
        ("./vibrato/x and ~/vibrato", ["./vibrato/x", "~/vibrato"]),
        (r"C:\vibrato\x.txt is", [r"C:\vibrato\x.txt"]),
        ("src/vibrato/main.py and vibrato.mp3.", ["src/vibrato/main.py", "vibrato.mp3"]),
        ("type `quick hands` or ``a`b``", ["`quick hands`", "``a`b``"]),
        (
            "{name} {0:.2f} {{ user.name }} {% if x %} ${x}",
            ["{name}", "{0:.2f}", "{{ user.name }}", "{% if x %}", "${x}"],
        ),
        ("%s of %(count)d and %1$s", ["%s", "%(count)d", "%1$s"]),
        ('a <b>bold</b> <a href="x y">q</a><br/>', ["<b>", "</b>", '<a href="x y">', "</a><br/>"]),
        ("<!-- a note --> x <?xml v?>", ["<!-- a note -->", "<?xml v?>"]),
        ("A&nbsp;B &#39; &#x27;", ["&nbsp;", "&#39;", "&#x27;"]),
        ("#QuickHands @vibrato_1 #快手#", ["#QuickHands", "@vibrato_1", "#快手#"]),
    ],
)
def test_protected(text: str, expected: list[str]) -> None:
    assert protected(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "quick hands and/or vibrato",
        "he/she/they, 1/2, 5/26/2020, km/h",
        "the stand < / span> is an artefact",
        "a < b and c > d",
        "it is forced.The feeling",
        "a 50% share, 100%discount, 50%of",
        "AT&T and R&D",
        "C# is #1",
        "the old irons. They left... U.S. at 3.5",
        "{ quick hands }",
        "it costs $5",
        "an `open tick",
        "<quick hands>",
    ],
)
def test_not_protected(text: str) -> None:
    assert protected(text) == []


def test_ignore_comments() -> None:
    block = "a\n<!-- regloss: ignore -->\nquick\n<!-- regloss: end ignore -->\nb"
    assert protected(block) == ["<!-- regloss: ignore -->\nquick\n<!-- regloss: end ignore -->"]
    assert protected("a\n<!-- regloss: ignore --> quick\nhands") == ["<!-- regloss: ignore --> quick\nhands"]
    assert protected("a\nquick <!-- regloss: ignore-line --> hands\nb") == ["quick <!-- regloss: ignore-line --> hands"]
    alone = "<!-- regloss: ignore-line -->\r\nquick"
    assert protected(f"a\r\n{alone}\r\nb") == [alone]
    assert protected("a\n<!-- regloss: ignore-line -->") == ["<!-- regloss: ignore-line -->"]


@given(st.text(alphabet=st.sampled_from("ab. `{}%$<>&#@/\\:-!=\"'\n快")))
def test_spans_are_in_order_disjoint_and_inside(text: str) -> None:
    position = 0
    for span in protected_spans(text):
        assert position <= span.start < span.end <= len(text)
        position = span.end + 1


UNITS = [
    "`a ",
    "{{",
    "<a ",
    "<!--",
    "a.a.",
    "a/",
    "./",
    "@a",
    "a@b.",
    "://",
    '"/',
    "<!-- regloss: ignore-line -->",
    "#1",
    "\\",
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_length_not_with_its_square(growth: Callable[..., float], unit: str) -> None:
    assert growth(lambda length: protected_spans(unit * (length // len(unit))), 50_000, 400_000) < 40
