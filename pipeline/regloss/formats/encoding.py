"""Bytes to text and back, exactly.

Tried in this order: a byte order mark (UTF-8, UTF-16, UTF-32), UTF-8, and GB18030 where the result is plausible
Chinese and turns back into the same bytes. A byte order mark stays in the text as its first code point, so that
offsets count it and encoding restores it.
"""

import codecs
import re
from pathlib import Path

from regloss.errors import FormatError

__all__ = ["BOM", "decode", "encode"]

BOM = "\ufeff"
# UTF-32 LE before UTF-16 LE, whose mark is its beginning.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_SAMPLE = 20_000


def decode(data: bytes, path: Path | str) -> tuple[str, str]:
    """Return the text in `data` and the codec that turns it back into the same bytes.

    Args:
        path: where the bytes come from; for messages.

    Raises:
        FormatError: binary data, or text in no encoding that regloss reads; names the byte offset.
    """
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return _text(data, codec, path), codec
    if b"\0" in data:
        offset = data.index(b"\0")
        raise FormatError(
            f"binary data (byte 0x00 at offset {offset}), not text; give a text, Markdown or JSONL file"
            " (UTF-16 needs its byte order mark)",
            path,
        )
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as fault:
        text = _chinese(data)
        if text is None:
            raise _undecodable(fault, data, path) from fault
        return text, "gb18030"


def encode(text: str, encoding: str, path: Path | str) -> bytes:
    """Return `text` as bytes.

    Raises:
        FormatError: the encoding has no bytes for a character (a lone surrogate).
    """
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as fault:
        raise FormatError(
            f"character U+{ord(text[fault.start]):04X} at offset {fault.start} has no bytes in {encoding}; remove it",
            path,
        ) from fault


def _text(data: bytes, codec: str, path: Path | str) -> str:
    """Decode data that said what it is by its mark."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as fault:
        raise FormatError(
            f"its byte order mark says {codec}, but the bytes at offset {fault.start} do not fit; save it as UTF-8",
            path,
        ) from fault
    if "\0" in text:
        raise FormatError(f"binary data (U+0000 at character {text.index(chr(0))}), not text", path)
    return text


def _chinese(data: bytes) -> str | None:
    """Return the text if the bytes are plausible GB18030, else None.

    Western text in a one-byte encoding decodes too, into rare characters: a genuine text has most of its characters
    in GB 2312, the common core. So does damaged UTF-8, but most of its characters are still valid UTF-8.
    """
    as_utf8 = _NON_ASCII.findall(data[:_SAMPLE].decode("utf-8", errors="replace"))
    if as_utf8.count("\ufffd") < len(as_utf8) / 2:
        return None
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = "".join(_NON_ASCII.findall(text[:_SAMPLE]))
    common = foreign.encode("gb2312", errors="ignore")
    if len(common) < len(foreign) or text.encode("gb18030", errors="replace") != data:
        return None
    return text


def _undecodable(fault: UnicodeDecodeError, data: bytes, path: Path | str) -> FormatError:
    line = data.count(b"\n", 0, fault.start) + 1
    return FormatError(
        f"neither UTF-8 nor GB18030 (byte 0x{data[fault.start]:02x} at offset {fault.start}); save it as UTF-8",
        path,
        line,
    )
