import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.errors import FormatError
from regloss.formats import decode, encode

SIMPLIFIED = "京东与快手达成了战略合作，双方合作越久，产生的难点就越多。\r\nJD.com 10亿红包"
TRADITIONAL = "隨着環球經濟及貿易活動疲弱，香港經濟增長回軟。年內本港股市及住宅物業市場波動。"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"plain", "utf-8"),
        (codecs.BOM_UTF8 + "café".encode(), "utf-8"),
        (codecs.BOM_UTF16_LE + SIMPLIFIED.encode("utf-16-le"), "utf-16-le"),
        (codecs.BOM_UTF16_BE + SIMPLIFIED.encode("utf-16-be"), "utf-16-be"),
        (codecs.BOM_UTF32_LE + SIMPLIFIED.encode("utf-32-le"), "utf-32-le"),
        (codecs.BOM_UTF32_BE + SIMPLIFIED.encode("utf-32-be"), "utf-32-be"),
        (SIMPLIFIED.encode("gb18030"), "gb18030"),
        (TRADITIONAL.encode("gb18030"), "gb18030"),
    ],
)
def test_every_encoding_gives_back_its_bytes(data: bytes, encoding: str) -> None:
    text, found = decode(data, "a.txt")
    assert found == encoding
    assert encode(text, found, "a.txt") == data


def test_a_byte_order_mark_is_the_first_code_point() -> None:
    assert decode(codecs.BOM_UTF8 + b"ab", "a.txt")[0] == "\ufeffab"
    assert decode(codecs.BOM_UTF16_LE + b"a\0", "a.txt")[0] == "\ufeffa"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04\x00\x00", r"a\.txt: binary data \(byte 0x00 at offset 4\)"),
        ("naïve café, déjà vu".encode("latin-1"), r"a\.txt:1: neither UTF-8 nor GB18030 \(byte 0xef at offset 2\)"),
        ("one\ntwo “quoted” words".encode("cp1252"), r"a\.txt:2: neither UTF-8.*save it as UTF-8"),
        ("快手和京东".encode() + b"\xff" + "战略合作".encode(), r"byte 0xff at offset 15"),
        (codecs.BOM_UTF8 + b"\xff", "mark says utf-8, but the bytes at offset 3"),
        (codecs.BOM_UTF16_LE + b"a\0\0\xd8", "mark says utf-16-le"),
        (codecs.BOM_UTF16_LE + b"a\0\0\0", r"binary data \(U\+0000 at character 2\)"),
    ],
)
def test_what_cannot_be_text_is_refused_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        decode(data, "a.txt")


def test_a_lone_surrogate_is_named() -> None:
    with pytest.raises(FormatError, match=r"a\.txt: character U\+D800 at offset 1 has no bytes in utf-8"):
        encode("a\ud800", "utf-8", "a.txt")


@given(st.binary(max_size=60))
def test_bytes_come_back_or_are_refused(data: bytes) -> None:
    try:
        text, encoding = decode(data, "a.txt")
    except FormatError:
        return
    assert encode(text, encoding, "a.txt") == data


@given(
    st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=("Cs",))),
    st.sampled_from(["", "\ufeff"]),
)
def test_any_text_in_utf8_is_read(text: str, mark: str) -> None:
    if (mark + text).startswith("\ufeff") or not text.startswith("\ufeff"):
        assert decode((mark + text).encode(), "a.txt") == (mark + text, "utf-8")
