import pytest
from unit_edits import DATA, parse, rewrite, texts

from regloss.errors import FormatError


def test_the_sample_page_changes_only_where_people_read() -> None:
    before = (DATA / "page.html").read_text("utf-8").splitlines()
    after = rewrite((DATA / "page.html").read_bytes(), "page.html", "quick hands", "K & S").decode().splitlines()
    assert [n for n, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b] == [5, 12, 13, 15, 16, 17, 21]
    assert after[4] == '  <meta name="description" content="How K &amp; S &amp; vibrato share a market">'
    assert after[12] == "<p>In 2018 K &amp; S had 120&nbsp;million users, and vibrato &#8220;only&#8221;"
    assert 'href="https://example.org/quick-hands" title="About K &amp; S"' in after[14]
    assert after[15] == '<img src="a.png" alt="The founder of K &amp; S">'
    assert after[16].endswith("live &lt;streams&gt; on K &amp; S</ul>")
    assert after[20] == "<p>Odd < signs & loose ampersands do not hurt K &amp; S<br>"


@pytest.mark.parametrize(
    ("page", "units"),
    [
        ("<p>a<div>b</div>c", ["a", "b", "c"]),
        ("<P>a <EM>b</EM></P>", ["a <em>b"]),
        ("a<script>x<p>y</script>b", ["a", "b"]),
        ("a<script>x<p>y", ["a"]),
        ("<title>a <b> &amp; c</title>d", ["a <b> & c", "d"]),
        ("<textarea>a<p>b</textarea>", ["a<p>b"]),
        ("a <!-- b --> c", ["a <!-- b --> c"]),
        ("a <!-- b", ["a"]),
        ("1 < 2 &amp;&amp; 3 > 2", ["1 < 2 && 3 > 2"]),
        ("<p title='a &quot; b'>c", ['a " b', "c"]),
        ("<p title=a>c", ["c"]),
        ('<input placeholder="p"><img alt="q">', ["p", "q"]),
        ('<meta name="robots" content="noindex"><meta property="og:title" content="a">', ["a"]),
        ("<p translate=no>a <b>b</b></p>c", ["c"]),
        ("x <span translate='no'>a <span>b</span></span> c", ["x <span translate='no'>a <span>b</span></span> c"]),
        ("<pre>a</pre><svg><text>b</text></svg>c", ["c"]),
        ("<!-- regloss: ignore -->a<p>b<!-- regloss: end ignore --><p>c", ["c"]),
        ('<p a="x>y">b', ["b"]),
        ("<p a=it's>b", ["b"]),
        ("&copy; &unknown; &#x2014;", ["© &unknown; —"]),
        ("<ruby>漢<rt>kan</rt></ruby>", ["漢<rt>kan"]),
        ("", []),
        ("<br>", []),
    ],
)
def test_units_of_a_page(page: str, units: list[str]) -> None:
    assert texts(parse(page, "a.html")) == units


@pytest.mark.parametrize(
    ("page", "protected"),
    [
        ("x <code>a b</code> y", ["<code>a b</code>"]),
        ("a <b>c</b> d", ["<b>", "</b>"]),
        ("a https://b.org c", ["https://b.org"]),
    ],
)
def test_tags_and_code_are_protected(page: str, protected: list[str]) -> None:
    document = parse(page, "a.html")
    assert [document.text[span.start : span.end] for span in document.protected] == protected


def test_the_declared_encoding_is_honoured() -> None:
    page = '<meta charset="windows-1252"><p>Café quick hands'
    assert rewrite(page.encode("cp1252"), "a.html", "quick hands", "快 é") == (
        '<meta charset="windows-1252"><p>Café &#24555; é'.encode("cp1252")
    )


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("utf-7", "declares the encoding 'utf-7', which is not known"),
        ("big5", "declares the encoding big5, but its bytes"),
    ],
)
def test_an_encoding_that_does_not_fit_is_refused(declared: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"a\.html: {message}"):
        parse(f'<meta charset="{declared}"><p>'.encode() + b"\xff\xfe\xfd", "a.html")


def test_a_declared_utf16_in_single_bytes_is_not_believed() -> None:
    assert texts(parse('<meta charset="utf-16"><p>é', "a.html")) == ["é"]
