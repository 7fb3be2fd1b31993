"""Reading and writing whole files, with every way that it can fail put in one line."""

import contextlib
import hashlib
import os
import secrets
import shutil
from dataclasses import replace
from pathlib import Path

from regloss.document import Document
from regloss.errors import InputError
from regloss.formats.encoding import BOM, decode
from regloss.formats.fields import USUAL, Fields
from regloss.formats.gaps import BilingualFormat
from regloss.formats.registry import FileFormat, format_for

__all__ = [
    "file_digest",
    "parse_document",
    "read_bytes",
    "read_document",
    "read_gaps",
    "read_text",
    "write_atomic",
    "write_document",
]


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        InputError: there is no such file, it is a folder, or it cannot be read; says which.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as exc:
        raise InputError("no such file; check the name", path) from exc
    except IsADirectoryError as exc:
        raise InputError("a folder, where a file is meant; name a file in it", path) from exc
    except PermissionError as exc:
        raise InputError("may not be read; check its permissions", path) from exc
    except (OSError, ValueError) as exc:
        raise InputError(f"cannot be read ({_cause(exc)})", path) from exc


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, read piece by piece."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_text(path: Path) -> str:
    """Return the text of a file, decoded like a document's, without its byte order mark.

    Raises:
        InputError: it cannot be read, or holds nothing but white space.
        FormatError: it is not text.
    """
    text = decode(read_bytes(path), path)[0].removeprefix(BOM)
    if not text.strip():
        raise InputError("the document is empty", path)
    return text


def read_document(path: Path, fields: Fields = USUAL) -> Document:
    """Return the document in a file, read in the format that its name says.

    Args:
        fields: which columns or fields to read, where it is a table.

    Raises:
        InputError: it cannot be read, or holds nothing but white space.
        FormatError: the content is not what the name says.
    """
    form = format_for(path, fields)
    return _checked(form.parse(read_bytes(path), str(path)), path, path.name)


def read_gaps(path: Path, fields: Fields = USUAL, *, overwrite: bool = False) -> Document | None:
    """Return the sources in a bilingual file whose targets are to be filled, as a document that may be empty.

    None where the file is of another format, or brings no Chinese source. Errors as in `read_document`.

    Args:
        fields: which columns or fields to read, where it is a table.
        overwrite: fill the targets that hold something too.
    """
    form = format_for(path, fields)
    if not isinstance(form, BilingualFormat):
        return None
    document = form.gaps(read_bytes(path), str(path), overwrite=overwrite)
    return replace(document, name=path.name) if document else None


def parse_document(data: bytes, name: str, form: FileFormat | None = None) -> Document:
    """Return the document in bytes that come from elsewhere, such as standard input; errors as in `read_document`."""
    return _checked((form or format_for(name)).parse(data, name), name, name)


def _checked(document: Document, path: Path | str, name: str) -> Document:
    if not document.text.removeprefix(BOM).strip():
        raise InputError("the document is empty", path)
    return replace(document, name=name)


def write_document(path: Path, document: Document, text: str) -> None:
    """Write `document` with `text` for its text to `path`, all or nothing; folders on the way are made.

    Raises:
        InputError: the place cannot be written.
        FormatError: `text` has a character that the document's encoding lacks.
    """
    write_atomic(path, format_for(path).encode(document, text))


def write_atomic(path: Path, data: bytes) -> None:
    """Write `data` to `path` so that a reader sees the old file or the new one, never a part; keeps its permissions.

    Raises:
        InputError: the place cannot be written (no permission, disk full, a folder is in the way).
    """
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError as exc:
        raise InputError(f"cannot be written ({_cause(exc)}); choose another place", path) from exc
    finally:
        # After a success there is nothing left to remove.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _cause(exc: Exception) -> str:
    return (getattr(exc, "strerror", None) or str(exc)).lower()
