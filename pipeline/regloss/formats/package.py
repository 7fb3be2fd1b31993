"""Zip packages (DOCX, XLSX) in which single parts are replaced and all else stays, to the byte.

A part that does not change is copied as it lies in the file, compressed, with its header, time and order; so is every
field of the directory but the sizes, checksums and places that must change. Nothing is ever unpacked to disk.

Refused: encrypted packages, ZIP64 and split ones, names that lead out of a folder, parts that overlap (a way to make
small files of endless content), and parts that unpack to more than their limit.

Source: PKWARE .ZIP File Format Specification (APPNOTE 6.3).
"""

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from regloss.errors import FormatError

__all__ = ["Package", "Part"]

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MOST_PARTS = 10_000
_LARGEST = 256 * 1024 * 1024
_LARGEST_SUM = 1024 * 1024 * 1024
# Deflate reaches about 1000:1, and office XML seldom 100:1; small parts may be as dense as they like.
_DENSEST, _SMALL = 250, 4 * 1024 * 1024
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of the directory.

    Attributes:
        name: its path in the package.
        method: how it is compressed.
        checksum, packed, size: CRC-32, and its bytes in the package and unpacked.
        offset: where its local header stands.
        raw: its directory record as written.
    """

    name: str
    method: int
    checksum: int
    packed: int
    size: int
    offset: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Package:
    """A zip file in memory.

    Attributes:
        name: for messages.
        data: the file.
        parts: in the order of the directory.
        directory: where the directory begins.
        end: where the record after the directory begins.
    """

    name: str
    data: bytes
    parts: tuple[Part, ...] = field(repr=False)
    directory: int
    end: int

    @classmethod
    def read(cls, data: bytes, name: str) -> "Package":
        """Return the package in `data`; nothing is unpacked yet.

        Raises:
            FormatError: it is no zip file, is damaged, or is refused.
        """
        end = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - 65_535))
        if not data.startswith(b"PK") or end < 0 or end + _END.size > len(data):
            raise FormatError("is not a zip package, as DOCX and XLSX files are; it may be damaged or renamed", name)
        _, disk, first, here, total, size, offset, comment = _END.unpack_from(data, end)
        if 0xFFFF in (here, total) or 0xFFFFFFFF in (size, offset) or disk or first or here != total:
            raise FormatError("is a ZIP64 or split package, which is not read; save it anew", name)
        if offset + size != end or end + _END.size + comment != len(data):
            raise FormatError("is damaged: its directory is not where it should be", name)
        package = cls(name, data, _read_parts(data, offset, total, end, name), offset, end)
        package._check()
        return package

    def part(self, name: str) -> Part | None:
        """Return the part of that name, if there is one."""
        return next((part for part in self.parts if part.name == name), None)

    def content(self, part: Part) -> bytes:
        """Return a part unpacked.

        Raises:
            FormatError: it is damaged, or unpacks to more than the directory says.
        """
        packed = self.data[self._content_start(part) :][: part.packed]
        if part.method == _STORED:
            content = packed
        else:
            try:
                unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
                content = unpacker.decompress(packed, part.size + 1)
            except zlib.error as exc:
                raise FormatError(f"part {part.name} is damaged: {exc}", self.name) from exc
        if len(content) != part.size or zlib.crc32(content) != part.checksum:
            raise FormatError(
                f"part {part.name} is damaged: its size or checksum is not what the directory says", self.name
            )
        return content

    def replaced(self, contents: Mapping[str, bytes]) -> bytes:
        """Return the package with new contents for some parts; all others are copied as they lie."""
        body: list[bytes] = []
        moved: dict[int, Part] = {}
        first = self._in_place()[0][0].offset
        body.append(self.data[:first])
        offset = first
        for part, following in self._in_place():
            new, written = part, self.data[part.offset : following]
            if part.name in contents:
                new, written = self._packed(part, contents[part.name])
            body.append(written)
            moved[part.offset] = _with_offset(new, offset)
            offset += len(written)
        directory = b"".join(moved[part.offset].raw for part in self.parts)
        fields = list(_END.unpack_from(self.data, self.end))
        fields[5:7] = [len(directory), offset]
        return b"".join((*body, directory, _END.pack(*fields), self.data[self.end + _END.size :]))

    def _in_place(self) -> list[tuple[Part, int]]:
        """Return the parts in the order of their place, each with the place where the next one begins."""
        ordered = sorted(self.parts, key=lambda part: part.offset)
        ends = [part.offset for part in ordered[1:]] + [self.directory]
        return list(zip(ordered, ends, strict=True))

    def _packed(self, part: Part, content: bytes) -> tuple[Part, bytes]:
        """Return the changed part and its bytes: header as before, new checksum and sizes, no data descriptor."""
        packed = content
        if part.method == _DEFLATED:
            packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
            packed = packer.compress(content) + packer.flush()
        sizes = [zlib.crc32(content), len(packed), len(content)]
        local = list(_LOCAL.unpack_from(self.data, part.offset))
        rest = self.data[part.offset + _LOCAL.size : self._content_start(part)]
        local[2] &= ~8
        local[6:9] = sizes
        entry = list(_ENTRY.unpack_from(part.raw))
        entry[3] &= ~8
        entry[7:10] = sizes
        raw = _ENTRY.pack(*entry) + part.raw[_ENTRY.size :]
        new = Part(part.name, part.method, sizes[0], sizes[1], sizes[2], part.offset, raw)
        return new, _LOCAL.pack(*local) + rest + packed

    def _content_start(self, part: Part) -> int:
        if self.data[part.offset : part.offset + 4] != b"PK\x03\x04" or part.offset + _LOCAL.size > self.directory:
            raise FormatError(f"part {part.name} is damaged: it has no header", self.name)
        *_, name_length, extra_length = _LOCAL.unpack_from(self.data, part.offset)
        start: int = part.offset + _LOCAL.size + name_length + extra_length
        return start

    def _check(self) -> None:
        for part in self.parts:
            if _leads_out(part.name):
                raise FormatError(f"part {part.name!r} would lie outside the package; it is refused", self.name)
            if part.size > _LARGEST or (part.size > _SMALL and part.size > _DENSEST * max(part.packed, 1)):
                raise FormatError(
                    f"part {part.name} unpacks to {part.size} bytes from {part.packed}; it is refused", self.name
                )
        if sum(part.size for part in self.parts) > _LARGEST_SUM:
            raise FormatError(f"unpacks to more than {_LARGEST_SUM} bytes; it is refused", self.name)
        if len({part.name for part in self.parts}) < len(self.parts):
            raise FormatError("holds two parts of the same name; it is refused", self.name)
        for part, following in self._in_place():
            if self._content_start(part) + part.packed > following:
                raise FormatError(f"part {part.name} overlaps the next one; it is refused", self.name)


def _read_parts(data: bytes, offset: int, count: int, end: int, name: str) -> tuple[Part, ...]:
    if not 0 < count <= _MOST_PARTS:
        raise FormatError(f"holds {count} parts; none, or more than {_MOST_PARTS}, are refused", name)
    parts: list[Part] = []
    position = offset
    for _ in range(count):
        if position + _ENTRY.size > end or data[position : position + 4] != b"PK\x01\x02":
            raise FormatError("is damaged: its directory breaks off", name)
        entry = _ENTRY.unpack_from(data, position)
        length = _ENTRY.size + entry[10] + entry[11] + entry[12]
        raw = data[position : position + length]
        if position + length > end:
            raise FormatError("is damaged: its directory breaks off", name)
        parts.append(_part(raw, entry, name))
        position += length
    if position != end:
        raise FormatError("is damaged: its directory is longer than it says", name)
    return tuple(parts)


def _part(raw: bytes, entry: tuple[int, ...], name: str) -> Part:
    flags, method, checksum, packed, size, offset = entry[3], entry[4], *entry[7:10], entry[16]
    part_name = raw[_ENTRY.size : _ENTRY.size + entry[10]].decode("utf-8" if flags & 0x800 else "cp437", "replace")
    if not part_name.isprintable():
        raise FormatError(f"holds a part with control characters in its name, {part_name!r}; it is refused", name)
    if flags & 1:
        raise FormatError(f"part {part_name} is encrypted; save the file without a password", name)
    if method not in (_STORED, _DEFLATED):
        raise FormatError(f"part {part_name} is compressed in a way that is not read (method {method})", name)
    if 0xFFFFFFFF in (packed, size, offset):
        raise FormatError("is a ZIP64 package, which is not read; save it anew", name)
    return Part(part_name, method, checksum, packed, size, offset, raw)


def _with_offset(part: Part, offset: int) -> Part:
    entry = list(_ENTRY.unpack_from(part.raw))
    entry[16] = offset
    raw = _ENTRY.pack(*entry) + part.raw[_ENTRY.size :]
    return Part(part.name, part.method, part.checksum, part.packed, part.size, offset, raw)


def _leads_out(name: str) -> bool:
    plain = name.replace("\\", "/")
    return (
        not name
        or "\0" in name
        or plain.startswith("/")
        or ":" in plain.split("/")[0]
        or ".." in PurePosixPath(plain).parts
    )
