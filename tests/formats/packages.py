"""Zip packages for the tests: read apart, and put together with parts of one's choice."""

import io
import zipfile
from collections.abc import Mapping


def parts_of(package: bytes) -> dict[str, bytes]:
    """Return the unpacked parts."""
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        return {name: file.read(name) for name in file.namelist()}


def with_parts(package: bytes, changed: Mapping[str, bytes]) -> bytes:
    """Return a package with some parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in {**parts_of(package), **changed}.items():
            file.writestr(name, content)
    return out.getvalue()


def headers_of(package: bytes) -> list[tuple[object, ...]]:
    """Return what stands in the directory about each part, but for sizes, checksum and place."""
    with zipfile.ZipFile(io.BytesIO(package)) as file:
        return [
            (i.filename, i.date_time, i.compress_type, i.external_attr, i.create_system, i.extra, i.comment)
            for i in file.infolist()
        ]
