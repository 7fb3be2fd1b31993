import pytest
from unit_edits import DATA, parse, rewrite, texts

from regloss.errors import FormatError

XLIFF = (
    '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">'
    '<file source-language="{}" target-language="{}"><body>'
    '<trans-unit id="1"><source>快手</source><target>quick hands</target></trans-unit></body></file></xliff>'
)


def sources(name: str) -> dict[str, str | None]:
    return {unit.id: unit.source for unit in parse((DATA / name).read_bytes(), name).units}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("strings.xlf", {"1": "快手的老铁", "2": "在快手上直播", "5": "拳击手的手很快"}),
        ("strings2.xliff", {"f1/u1/s1": "快手盈利了。", "f1/u1/s2": "抖音也一样。"}),
        ("memory.tmx", {"t1": "快手上的老铁很多。", "2": "打开快手和抖音"}),
        (
            "app.po",
            {
                "快手上有 %d 个老铁[0]": "快手上有 %d 个老铁",
                "快手上有 %d 个老铁[1]": "快手上有 %d 个老铁",
                'menu / 打开"快手" 然后登录': '打开"快手"\n然后登录',
                "抖音": "抖音",
            },
        ),
    ],
)
def test_each_unit_brings_its_source(name: str, expected: dict[str, str]) -> None:
    assert sources(name) == expected


def changed_lines(name: str, old: str, new: str, encoding: str = "utf-8") -> dict[int, str]:
    data = (DATA / name).read_bytes()
    before = data.decode(encoding).split("\n")
    after = rewrite(data, name, old, new).decode(encoding).split("\n")
    return {n: b.strip() for n, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b}


def test_xliff_targets_alone_change() -> None:
    assert changed_lines("strings.xlf", "quick hands", "K & S") == {
        6: '<trans-unit id="1"><source>快手的老铁</source>'
        '<target state="translated">The old irons of K &amp; S</target>',
        9: '<trans-unit id="2"><source>在<g id="1">快手</g>上<x id="2"/>直播</source>'
        '<target>Live on <g id="1">K &amp; S</g><x id="2"/> &amp; more: <ph id="3">quick hands</ph>'
        "</target></trans-unit>",
        12: '<group><trans-unit id="5"><source>拳击手的手很快</source>'
        "<target><![CDATA[The boxer has K & S & feet]]></target></trans-unit></group>",
    }


def test_xliff_2_in_utf16() -> None:
    assert changed_lines("strings2.xliff", "vibrato", "Douyin", "utf-16") == {
        7: '<segment id="s2"><source>抖音也一样。</source><target>So has <pc id="1">Douyin</pc>.</target></segment>'
    }


def test_cdata_cannot_be_closed_from_inside() -> None:
    document = XLIFF.format("zh", "en").replace("quick hands", "<![CDATA[quick hands]]>")
    assert b"<target><![CDATA[a]] >b]]></target>" in rewrite(document, "a.xlf", "quick hands", "a]]>b")


@pytest.mark.parametrize(
    ("source", "target", "units", "own_source"),
    [
        ("zh-CN", "en-GB", ["quick hands"], "快手"),
        ("ja", "en", ["quick hands"], None),
        ("zh", "fr", [], None),
        ("", "", ["quick hands"], "快手"),
    ],
)
def test_declared_languages_decide(source: str, target: str, units: list[str], own_source: str | None) -> None:
    document = parse(XLIFF.format(source, target), "a.xlf")
    assert texts(document) == units
    assert [unit.source for unit in document.units] == [own_source] * len(units)


@pytest.mark.parametrize(
    ("outer", "inner", "units"), [("no", "", 0), ("no", "yes", 1), ("yes", "no", 0), ("", "no", 0)]
)
def test_the_nearest_translate_decides(outer: str, inner: str, units: int) -> None:
    text = XLIFF.format("zh", "en").replace("<body>", f'<body translate="{outer}">' if outer else "<body>")
    text = text.replace('id="1"', f'id="1" translate="{inner}"' if inner else 'id="1"')
    assert len(parse(text, "a.xlf").units) == units


def test_an_id_of_two_lines_is_shown_in_one() -> None:
    document = parse(XLIFF.format("zh", "en").replace('id="1"', 'id="a&#10;b"'), "a.xlf")
    assert document.units[0].id == "a b"


def test_protected_mrk_is_markup() -> None:
    document = parse(XLIFF.format("zh", "en").replace("quick hands", 'a <mrk mtype="protected">quick</mrk> b'), "a.xlf")
    assert [document.text[s.start : s.end] for s in document.protected] == ['<mrk mtype="protected">quick</mrk>']


@pytest.mark.parametrize(("name", "kind"), [("a.xlf", "XLIFF"), ("a.tmx", "TMX")])
def test_other_xml_is_refused(name: str, kind: str) -> None:
    with pytest.raises(FormatError, match=rf"{name}: is XML, but no {kind}"):
        parse("<html/>", name)


def test_tmx_english_segments_alone_change() -> None:
    assert changed_lines("memory.tmx", "quick hands", "K & S") == {
        8: '<tuv xml:lang="en-US"><seg>There are many old irons on K &amp; S.</seg></tuv>',
        13: '<tuv xml:lang="en-US"><seg>Open <bpt i="1" type="bold">&lt;b&gt;</bpt>K &amp; S<ept i="1">&lt;/b&gt;</ept>'
        " &amp; vibrato</seg></tuv>",
    }


def test_a_character_that_the_encoding_lacks_becomes_a_reference() -> None:
    memory = (
        '<?xml version="1.0" encoding="iso-8859-1"?><tmx version="1.4"><body><tu><tuv xml:lang="en"><seg>é quick</seg>'
    )
    data = (memory + "</tuv></tu></body></tmx>").encode("latin-1")
    assert "<seg>é &#24555;</seg>".encode("latin-1") in rewrite(data, "a.tmx", "quick", "快")


def test_po_strings_alone_change_and_keep_their_lines() -> None:
    assert changed_lines("app.po", "quick hands", 'K "S"\\') == {
        14: 'msgstr[0] "There is %d old iron on K \\"S\\"\\\\"',
        15: 'msgstr[1] "There are %d old irons on K \\"S\\"\\\\"',
        20: '"Open \\"K \\"S\\"\\\\"',
        21: '"\\"\\n"',
    }


def test_english_msgids_are_no_source() -> None:
    document = parse('msgid "open"\nmsgstr "Open quick hands"\n', "a.po")
    assert [unit.source for unit in document.units] == [None]


def test_po_escapes() -> None:
    document = parse('msgid "k"\nmsgstr "a\\x41\\101\\t\\q\\\\"\n', "a.po")
    assert texts(document) == ["aAA\tq\\"]


@pytest.mark.parametrize(
    ("catalogue", "line"),
    [
        ('msgid "a"\nmsgstr "b\n', 2),
        ('msgid "a"\nmsgstr "b" c\n', 2),
        ('msgid "a"\nnonsense\n', 2),
        ('\n"a"\n', 2),
        ("msgid a\n", 1),
    ],
)
def test_a_line_that_is_no_po_is_named(catalogue: str, line: int) -> None:
    with pytest.raises(FormatError, match=rf"a\.po:{line}: not a line of a PO file"):
        parse(catalogue, "a.po")
