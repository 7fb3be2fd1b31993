"""Files from a model hub, over HTTPS, whole or not at all.

A file is written beside its final name with the suffix ``.part`` and renamed once its length and, where the hub or the
catalogue gives one, its SHA-256 are right. What an interrupted download has left is continued by the next one.

The hub speaks the protocol of huggingface.co: ``{hub}/{repository}/resolve/{revision}/{file}``, with the commit, the
length and the SHA-256 of large files in the headers of the first answer. Plain HTTP is allowed to this machine only.
"""

import hashlib
import http.client
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regloss.errors import ModelError, UsageError

__all__ = ["RemoteFile", "download", "file_url", "hub_address", "look_up"]

DEFAULT_HUB = "https://huggingface.co"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_TIMEOUT_SECONDS = 30.0
_CHUNK = 1 << 20
_HOPS = 3

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """What the hub says about a file.

    Attributes:
        url: where it is.
        size: bytes, None where the hub does not say.
        sha256: checksum, empty where the hub does not say (it does for large files).
        commit: the commit that the revision stands for, empty where the hub does not say.
    """

    url: str
    size: int | None = None
    sha256: str = ""
    commit: str = ""


def hub_address() -> str:
    """Return the hub's address: ``HF_ENDPOINT`` if set, else huggingface.co.

    Raises:
        UsageError: it is neither HTTPS nor plain HTTP to this machine.
    """
    address = os.environ.get("HF_ENDPOINT", "").rstrip("/") or DEFAULT_HUB
    if not _allowed(address):
        raise UsageError(f"HF_ENDPOINT={address}: only https:// addresses are used (http:// only to this machine)")
    return address


def file_url(hub: str, repository: str, revision: str, name: str) -> str:
    """Return the address of a file in a repository of the hub."""
    return "/".join([hub, *(urllib.parse.quote(part) for part in (repository, "resolve", revision, name))])


def look_up(url: str) -> RemoteFile | None:
    """Return what the hub says about a file, or None if it has no such file.

    Raises:
        ModelError: the hub cannot be reached or answers with a fault.
    """
    asked = url
    for _ in range(_HOPS):
        request = urllib.request.Request(asked, method="HEAD")  # noqa: S310 - `_allowed` has looked at the scheme
        with _faults(url):
            try:
                answer = _opener(_NoRedirects()).open(request, timeout=_TIMEOUT_SECONDS)
            except urllib.error.HTTPError as exc:
                answer = exc
            with answer:
                status, headers = answer.status or 0, answer.headers
        if status in (401, 403, 404):
            return None
        target = urllib.parse.urljoin(asked, headers.get("Location", ""))
        # A redirect within the hub is a renamed repository; one that leaves it leads to the store of large files.
        if 300 <= status < 400 and _host(target) == _host(asked) and "X-Linked-Size" not in headers:
            asked = target
            continue
        if status >= 400:
            raise ModelError(f"{_host(url)} answered {status} for {url}; try again later")
        return _described(url, headers, redirected=status >= 300)
    raise ModelError(f"{_host(url)} redirects {url} in circles; try again later")


def _described(url: str, headers: Any, *, redirected: bool) -> RemoteFile:
    size = headers.get("X-Linked-Size") or (None if redirected else headers.get("Content-Length"))
    etag = headers.get("X-Linked-Etag", "").strip('"').removeprefix('W/"')
    return RemoteFile(
        url,
        int(size) if size and size.isdigit() else None,
        etag if _SHA256.match(etag) else "",
        headers.get("X-Repo-Commit", ""),
    )


def download(remote: RemoteFile, path: Path, *, sha256: str = "", progress: Progress | None = None) -> str:
    """Bring a file to `path` and return its SHA-256.

    Args:
        remote: the file, as `look_up` describes it.
        path: where it goes; it appears there only when it is whole. ``path.part`` is continued if it exists.
        sha256: checksum to insist on, besides the hub's own.
        progress: told (bytes so far, bytes in all or 0) after every chunk.

    Raises:
        ModelError: no network, the connection broke, or the checksum is wrong (then the part is thrown away).
    """
    part = path.with_name(path.name + ".part")
    wanted = sha256 or remote.sha256
    have = part.stat().st_size if part.exists() else 0
    if remote.size is None or have > remote.size:
        have = 0
    if have == 0 or have != remote.size:
        _fetch(remote, part, have, progress)
    _check_length(remote, part)
    found = _digest(part)
    if wanted and found != wanted:
        part.unlink()
        raise ModelError(f"{remote.url}: checksum is {found}, but {wanted} is expected; nothing was installed")
    part.replace(path)
    return found


def _fetch(remote: RemoteFile, part: Path, have: int, progress: Progress | None) -> None:
    request = urllib.request.Request(remote.url)  # noqa: S310 - `_allowed` has looked at the scheme
    if have:
        request.add_header("Range", f"bytes={have}-")
    with _faults(remote.url), _opener(_SafeRedirects()).open(request, timeout=_TIMEOUT_SECONDS) as answer:
        continued = have > 0 and answer.status == http.HTTPStatus.PARTIAL_CONTENT
        done = have if continued else 0
        with part.open("ab" if continued else "wb") as stream:
            while chunk := answer.read(_CHUNK):
                stream.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(done, remote.size or 0)


def _check_length(remote: RemoteFile, part: Path) -> None:
    size = part.stat().st_size
    if remote.size is not None and size != remote.size:
        raise ModelError(
            f"{remote.url}: the connection broke after {size:,} of {remote.size:,} bytes; nothing was installed, "
            f"the same command continues"
        )


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def _faults(url: str) -> Iterator[None]:
    """Say what is missing, in one line; a network that is down is not a model that is not supported."""
    try:
        yield
    except urllib.error.HTTPError as exc:
        raise ModelError(f"{_host(url)} answered {exc.code} for {url}; try again later") from exc
    except (OSError, http.client.HTTPException) as exc:
        cause = getattr(exc, "reason", None) or exc
        raise ModelError(
            f"no connection to {_host(url)} ({' '.join(str(cause).split()) or type(cause).__name__}); pulling a model "
            f"needs a network, nothing was installed"
        ) from exc


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc


def _allowed(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Refuse, so that the redirect itself, whose headers say most, is the answer."""


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        """Follow only to where we would have gone ourselves."""
        if not _allowed(newurl):
            raise urllib.error.URLError(f"it redirects to {newurl}, which is not HTTPS")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(redirects: urllib.request.HTTPRedirectHandler) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(redirects)
