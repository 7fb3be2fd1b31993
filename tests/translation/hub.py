"""A model hub on loopback that serves folders, well or badly."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """What the server does, and what it was asked.

    Attributes:
        files: name → content.
        large: names whose SHA-256 the hub tells, and that it serves from another path by redirect.
        break_after: bytes after which the connection of a file is cut; used up by one request.
        status: status instead of an answer, by name.
        redirect: where large files are sent instead of the hub's own store.
    """

    files: dict[str, bytes]
    large: frozenset[str] = frozenset({"model.safetensors"})
    break_after: dict[str, int] = field(default_factory=dict)
    status: dict[str, int] = field(default_factory=dict)
    redirect: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""


def folder_files(folder: Path) -> dict[str, bytes]:
    """Return the files of a model folder."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Run the hub while the block lasts; ``hub.address`` says where."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def do_HEAD(self) -> None:
            name = self._name("HEAD")
            if name is None:
                return
            content = hub.files[name]
            if name in hub.large and not self.path.startswith("/store/"):
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/store/{name}")
                self.send_header("X-Linked-Size", str(len(content)))
                self.send_header("X-Linked-Etag", f'"{hashlib.sha256(content).hexdigest()}"')
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()

        def do_GET(self) -> None:
            name = self._name("GET")
            if name is None:
                return
            if name in hub.large and not self.path.startswith("/store/"):
                self.send_response(302)
                store = hub.redirect or f"http://localhost:{self.server.server_address[1]}/store"
                self.send_header("Location", f"{store}/{name}")
                self.end_headers()
                return
            content = hub.files[name]
            start = int(self.headers.get("Range", "bytes=0-")[6:-1])
            self.send_response(206 if "Range" in self.headers else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            stop = hub.break_after.pop(name, len(content))
            self.wfile.write(content[start:stop])
            self.close_connection = True

        def _name(self, method: str) -> str | None:
            name = self.path.rsplit("/", 1)[1]
            hub.asked.append((method, name, self.headers.get("Range", "")))
            status = hub.status.get(name, 200 if name in hub.files else 404)
            if status != 200:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return None
            return name

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        hub.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
