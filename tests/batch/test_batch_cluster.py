"""The engine for clusters, with workers in this process that answer in any order: the same bytes as on one machine."""

import io
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regloss.batch.cluster.blocks import Piece, count_starts, cut, lines_of, numbered, pieces_of
from regloss.batch.cluster.engine import RayEngine, wants_gpu
from regloss.batch.cluster.places import find_items, run_on_cluster
from regloss.batch.cluster.session import connected
from regloss.batch.cluster.store import Store
from regloss.batch.cluster.worker import BLOCKS, TRIES, BlockWorker, Order
from regloss.batch.items import Item, read_items
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.setup import Setup, TaskName
from regloss.batch.summary import Summary
from regloss.batch.undo import undo_run
from regloss.config import Config
from regloss.errors import InputError, MissingExtraError, UsageError
from regloss.formats.discover import InputFile

fsspec = pytest.importorskip("fsspec", reason="the extra `ray` is not installed")

SUFFIXES = (".txt", ".md", ".jsonl")
TERMS = "source_term\ttarget\twrong_variants\n快手\tKuaishou\tKaishou\n抖音\tDouyin\tshake-sound-app\n"
STRETCH = 700
Row = dict[str, Any]


@dataclass
class InProcess:
    """A cluster of this process: rows in random order; `lost` are the numbers of blocks that it never answers for."""

    lost: frozenset[int] = frozenset()
    done: list[int] = field(default_factory=list)

    def tasks(self, rows: Sequence[Row], work: Callable[[Row], Row]) -> Iterator[Row]:
        yield from (work(row) for row in random.Random(1).sample(rows, len(rows)))

    def actors(self, rows: Sequence[Row], worker: type, order: Order, jobs: int, *, gpu: bool) -> Iterator[Row]:
        assert not gpu
        workers = [worker(order), worker(order)]
        for place, row in enumerate(random.Random(2).sample(rows, len(rows))):
            if row["number"] not in self.lost:
                self.done.append(row["number"])
                yield workers[place % 2](row)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small files and their sources, a broken one, and JSONL of many stretches, whole and broken."""
    monkeypatch.chdir(tmp_path)
    folder = Path("in")
    (folder / "deep").mkdir(parents=True)
    for number in range(8):
        (folder / f"{number:02d}.en.txt").write_text(f"Kaishou has {number} fans.\r\nIt grows.\n", encoding="utf-8")
        (folder / f"{number:02d}.zh.txt").write_text(f"快手有{number}个粉丝。\n它在增长。\n", encoding="utf-8")
    (folder / "deep" / "a.md").write_text("# Kaishou\n", encoding="utf-8")
    (folder / "broken.txt").write_bytes(b"\x00\x01")
    (folder / "big.jsonl").write_text("".join(_lines(40)), encoding="utf-8")
    (folder / "bad.jsonl").write_text("".join([*_lines(30), "nonsense\n", *_lines(3), "[]"]), encoding="utf-8")
    Path("terms.tsv").write_text(TERMS, encoding="utf-8")
    return folder


def _lines(count: int) -> Iterator[str]:
    for number in range(count):
        record = {"id": f"r{number}"} if number % 3 else {}
        yield json.dumps(record | {"target": f"Kaishou {number} " + "x" * (number * 7 % 90)}) + "\n"
        yield "\n" * (number % 11 == 0)


def _setup(out: str, **more: Any) -> Setup:
    return Setup(Path(out), Config(glossary=("terms.tsv",), model="echo"), **more)


def _local(out: str, **more: Any) -> Summary:
    return run_batch(read_items(Path("in"), SUFFIXES), _setup(out, **more), BatchOptions(), lambda _e, _n: None)


def _clustered(
    out: str, session: InProcess | None = None, place: str = "in", options: BatchOptions | None = None, **more: Any
) -> Summary:
    found = find_items(place, SUFFIXES)
    engine = RayEngine(session or InProcess(), Store.at(out), found.targets, found.sources, stretch=STRETCH)  # type: ignore[arg-type]
    return run_on_cluster(found.items, _setup(out, **more), options or BatchOptions(), lambda _e, _n: None, engine)


def _content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".batch" not in path.parts
    }


@pytest.fixture
def bucket(place: Path) -> Iterator[str]:
    """An object store with the files of `place` in it."""
    url = f"memory://{uuid4().hex}"
    store = Store.at(f"{url}/in")
    for path in place.rglob("*"):
        if path.is_file():
            store.write(path.relative_to(place).as_posix(), path.read_bytes())
    yield url
    fsspec.filesystem("memory").rm(url, recursive=True)


@pytest.mark.parametrize("task", list(TaskName))
def test_results_are_those_of_one_machine_to_the_byte(place: Path, task: TaskName) -> None:
    local = _local("local", task=task)
    clustered = _clustered("clustered", task=task)
    assert _content(Path("clustered")) == _content(Path("local"))
    assert clustered == local
    assert local.failed


def test_files_in_pieces_can_be_taken_back(place: Path) -> None:
    _clustered("out")
    assert Path("out/big.jsonl").read_bytes() != (place / "big.jsonl").read_bytes()
    undo_run(Path("out"))
    assert Path("out/big.jsonl").read_bytes() == (place / "big.jsonl").read_bytes()


def test_an_object_store_holds_what_a_folder_would(bucket: str) -> None:
    _local("local")
    summary = _clustered(f"{bucket}/out", place=f"{bucket}/in")
    store = Store.at(f"{bucket}/out")
    found = {name: store.read(name) for name in store.sizes() if not name.startswith(".batch")}
    assert {reason.partition(":")[0] for _, reason in summary.failures} == {"memory"}
    told = {"summary.json", "summary.md", "summary.html", "files.jsonl"}
    local = _content(Path("local"))
    assert found.keys() == local.keys()
    assert {name: found[name] for name in found.keys() - told} == {name: local[name] for name in local.keys() - told}
    # What failed is named by where it lies.
    shown = found["files.jsonl"].replace(f"{bucket}/in/".encode(), b"in/")
    assert shown == local["files.jsonl"]


def test_a_store_in_use_is_refused_and_gone_on_with(bucket: str) -> None:
    out, begin = f"{bucket}/out", f"{bucket}/in"
    _clustered(out, InProcess(frozenset({0, 2})), place=begin)
    with pytest.raises(UsageError, match=r"out is not empty; give another place, --resume to go on with it"):
        _clustered(out, place=begin)
    with pytest.raises(UsageError, match=rf"{out} was begun with --task fix"):
        _clustered(out, place=begin, options=BatchOptions(resume=True), task=TaskName.SCORE)
    summary = _clustered(out, place=begin, options=BatchOptions(resume=True))
    assert summary.failed == 2
    _clustered(f"{bucket}/undisturbed", place=begin)
    one, other = Store.at(out), Store.at(f"{bucket}/undisturbed")
    names = [name for name in one.sizes() if not name.startswith(".batch")]
    assert names == [name for name in other.sizes() if not name.startswith(".batch")]
    assert [one.read(name) for name in names] == [other.read(name) for name in names]


def test_sources_may_lie_in_a_store_of_their_own(bucket: str, place: Path) -> None:
    zh = Store.at(f"{bucket}/zh")
    for path in place.glob("*.zh.txt"):
        zh.write(path.name.replace(".zh.", ".en."), path.read_bytes())
    items = {item.file.name: item.source for item in find_items(f"{bucket}/in", SUFFIXES, f"{bucket}/zh").items}
    assert items["03.en.txt"] == Path("03.en.txt")
    assert items["deep/a.md"] is None
    with pytest.raises(UsageError, match="--source must be a URL"):
        find_items(f"{bucket}/in", SUFFIXES, "in")


def test_blocks_that_are_done_are_never_done_again(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _local("local")
    first = InProcess(frozenset(range(5)))
    summary = _clustered("out", first)
    assert "nobody foresaw" in summary.failures[0][1]
    made: list[int] = []
    original = BlockWorker._made
    monkeypatch.setattr(BlockWorker, "_made", lambda self, *rest: made.append(1) or original(self, *rest))
    second = InProcess()
    _clustered("out", second, options=BatchOptions(resume=True))
    assert _content(Path("out")) == _content(Path("local"))
    assert 5 <= len(made) < len(second.done)
    made.clear()
    _clustered("out", options=BatchOptions(resume=True))
    # Of all that failed only the blocks with a failure in them are tried again.
    assert len(made) <= 3


def test_changed_content_is_done_again(place: Path) -> None:
    _clustered("out")
    text = (place / "big.jsonl").read_text(encoding="utf-8")
    (place / "big.jsonl").write_text(text.replace("Kaishou 21", "Shake-Sound-App"), encoding="utf-8")
    (place / "03.en.txt").write_text("Kaishou again.\n", encoding="utf-8")
    _clustered("out", options=BatchOptions(resume=True))
    _local("local")
    assert _content(Path("out")) == _content(Path("local"))


def test_a_block_that_kills_its_workers_is_given_up(place: Path) -> None:
    for path in place.glob("*.jsonl"):
        path.unlink()
    order = _order("out", place)
    worker = BlockWorker(order)
    row = {"number": 0, "block": json.dumps([{"name": "00.en.txt", "target": "in/00.en.txt"}])}
    monkey = pytest.MonkeyPatch()
    monkey.setattr(worker, "_made", lambda *_: (_ for _ in ()).throw(MemoryError))
    for _ in range(TRIES):
        with pytest.raises(MemoryError):
            worker(row)
    monkey.undo()
    reply = json.loads(worker(row)["reply"])
    assert "4 workers were lost over it" in reply["entries"][0]["error"]
    # Another time it is tried anew.
    other = Order(**{name: getattr(order, name) for name in order.__slots__} | {"session": "another"})
    assert json.loads(BlockWorker(other)(row)["reply"])["entries"][0]["error"] == ""


def _order(out: str, place: Path) -> Order:
    Path(out, ".batch").mkdir(parents=True)
    setup = _setup(out)
    glossaries = {"terms.tsv": Path("terms.tsv").read_bytes()}
    return Order(setup, setup.request(), Store.at(out), None, None, Path.cwd(), glossaries, "first")


def test_a_file_that_a_machine_cannot_read_fails_alone(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    genuine = Store.get

    def get(self: Store, name: str, place: Path) -> None:
        if name == "02.zh.txt":
            raise PermissionError(13, "Permission denied")
        genuine(self, name, place)

    monkeypatch.setattr(Store, "get", get)
    summary = _clustered(f"{bucket}/out", place=f"{bucket}/in")
    assert dict(summary.failures)["02.en.txt"] == f"{bucket}/in/02.en.txt: cannot be read (permission denied)"
    assert summary.failed == 3


def test_a_torn_record_is_no_record(place: Path) -> None:
    _clustered("out")
    records = list(Path("out", BLOCKS).glob("*.json"))
    for record in records:
        record.write_bytes(b"")
    Path("out/.batch/journal.jsonl").unlink()
    _clustered("out", options=BatchOptions(resume=True))
    _local("local")
    assert _content(Path("out")) == _content(Path("local"))


@pytest.mark.parametrize(("task", "model", "gpu"), [("fix", "", False), ("run", "echo", False), ("run", "hf", True)])
def test_a_gpu_is_asked_for_only_by_a_model_that_uses_one(tmp_path: Path, task: str, model: str, gpu: bool) -> None:
    (tmp_path / "hf").mkdir()
    name = str(tmp_path / model) if model == "hf" else model or "zh-en-small"
    assert wants_gpu(Setup(tmp_path, Config(model=name), TaskName(task))) is gpu
    assert not wants_gpu(Setup(tmp_path, Config(), TaskName.RUN))


def test_a_machine_with_other_means_is_refused(place: Path, tmp_path: Path) -> None:
    order = _order("out", place)
    row = {"number": 0, "block": json.dumps([{"name": "00.en.txt", "target": "in/00.en.txt"}])}
    fields = {name: getattr(order, name) for name in order.__slots__}
    other = Order(**fields | {"glossaries": {"terms.tsv": TERMS.replace("Douyin", "TikTok").encode()}})
    assert (
        "has another version of regloss, glossary or model" in json.loads(BlockWorker(other)(row)["reply"])["refusal"]
    )
    nowhere = Order(**fields | {"results": Store.at(str(tmp_path / "nowhere"))})
    assert "write to a folder that all machines share" in json.loads(BlockWorker(nowhere)(row)["reply"])["refusal"]
    assert not (tmp_path / "nowhere").exists()


def test_a_refusal_stops_the_batch(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A signature that is never the same twice stands for machines that differ.
    monkeypatch.setattr(Setup, "request", lambda self: {"signature": str(self.folder)})
    with pytest.raises(UsageError, match="another version"):
        _clustered("out")


def test_the_glossary_need_not_lie_on_other_machines(place: Path, tmp_path: Path, monkeypatch: Any) -> None:
    order = _order("out", place)
    Path("terms.tsv").unlink()
    row = {"number": 0, "block": json.dumps([{"name": "00.en.txt", "target": "in/00.en.txt"}])}
    assert json.loads(BlockWorker(order)(row)["reply"])["entries"][0]["terms"] == {"快手": 1}


def test_places_that_cannot_be_are_refused_in_one_line(place: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere://a: Protocol not known: nowhere; give a path, or a URL"):
        Store.at("nowhere://a")
    with pytest.raises(InputError, match="holds no file of a known format"):
        find_items("memory://empty-place", SUFFIXES)


def test_what_is_written_halfway_does_not_appear(tmp_path: Path) -> None:
    for store in (Store.at(str(tmp_path / "a")), Store.at(f"memory://{uuid4().hex}")):
        with pytest.raises(RuntimeError, match="torn"):
            _tear(store)
        assert store.sizes() == {}
        store.write("deep/name", b"whole")
        assert store.sizes() == {"deep/name": 5}


def _tear(store: Store) -> None:
    with store.create("deep/name") as stream:
        stream.write(b"half")
        raise RuntimeError("torn")


def test_an_address_where_nobody_listens_is_refused_at_once() -> None:
    pytest.importorskip("ray", reason="the extra `ray` is not installed")
    with (
        pytest.raises(UsageError, match=r"no Ray cluster answers at 127\.0\.0\.1:1: connection refused"),
        connected("127.0.0.1:1"),
    ):
        pass


def test_without_ray_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'regloss\[ray\]'"), connected():
        pass


@given(
    st.lists(st.sampled_from([b"", b"a", b"bc" * 9, b"\r", "é".encode() * 30]), max_size=30),
    st.booleans(),
    st.integers(1, 40),
)
def test_stretches_hold_each_line_once_with_its_number(lines: list[bytes], ends: bool, stretch: int) -> None:
    data = b"\n".join(lines) + b"\n" * ends
    item = Item(InputFile(Path("a.jsonl"), "a.jsonl"), None)
    pieces = pieces_of(item, len(data), _setup("out"), stretch)
    if len(data) <= stretch:
        assert [piece.is_whole for piece in pieces] == [True]
        return
    counts = {(piece.name, piece.start): count_starts(io.BytesIO(data), piece) for piece in pieces}
    found = []
    for piece in numbered(pieces, counts):
        found += list(enumerate(lines_of(io.BytesIO(data), piece), piece.line))
    assert found == list(enumerate(io.BytesIO(data), 1))


def test_blocks_are_of_a_size_that_is_lost_lightly() -> None:
    setup = _setup("out")
    pieces = [Piece(str(number), str(number)) for number in range(50)]
    sizes = {str(number): number for number in range(50)}
    blocks = list(cut(pieces, sizes, setup, stretch=200))
    assert [piece for block in blocks for piece in block.pieces] == pieces
    assert max(len(block.pieces) for block in blocks) == 16
    assert all(sum(sizes[piece.name] for piece in block.pieces) <= 200 for block in blocks)
    with_model = cut(pieces, sizes, _setup("out", task=TaskName.RUN), stretch=200)
    assert max(len(block.pieces) for block in with_model) == 2


def test_only_jsonl_that_is_repaired_is_cut() -> None:
    for name, task, many in (
        ("a.jsonl", TaskName.FIX, True),
        ("a.jsonl", TaskName.SCORE, False),
        ("a.txt", TaskName.FIX, False),
        ("a.parquet", TaskName.FIX, False),
    ):
        item = Item(InputFile(Path(name), name), None)
        assert (len(pieces_of(item, 10_000, _setup("out", task=task), 1000)) == 10) is many


def test_records_of_blocks_are_removed_when_all_is_done(place: Path) -> None:
    (place / "bad.jsonl").unlink()
    _clustered("out")
    assert Path("out", BLOCKS).exists()
    (place / "broken.txt").unlink()
    _clustered("out", options=BatchOptions(resume=True))
    assert not Path("out", BLOCKS).exists()
    assert not Path("out/.batch/work").exists()
