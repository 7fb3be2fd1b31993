"""A batch on a real Ray cluster: the bytes of one machine, whatever is lost on the way; quiet, and on loopback."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("ray", reason="the extra `ray` is not installed")

from regloss.batch.cluster.engine import RayEngine
from regloss.batch.cluster.places import find_items, run_on_cluster
from regloss.batch.cluster.session import connected
from regloss.batch.cluster.store import Store
from regloss.batch.local import BatchOptions, run_batch
from regloss.batch.setup import Setup
from regloss.config import Config

SUFFIXES = (".txt", ".jsonl", ".parquet")
TERMS = "source_term\ttarget\twrong_variants\n快手\tKuaishou\tKaishou\n抖音\tDouyin\tshake-sound-app\n"
NODE = {"num_cpus": 1, "object_store_memory": 100 << 20, "include_dashboard": False}
# A machine that is gone is noticed after two seconds; one that is only slow has ten to answer.
WATCH = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_failure_threshold": 4}


@contextmanager
def two_machines() -> Iterator[Any]:
    """Yield a cluster of two machines with one worker each, as separate processes on this one."""
    import ray
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(initialize_head=True, head_node_args={**NODE, "_system_config": WATCH})
        try:
            cluster.second = cluster.add_node(**NODE)
            ray.init(cluster.address, log_to_driver=False, logging_level="CRITICAL")
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small files and their sources, a broken one, JSONL of many stretches, and Parquet."""
    import pyarrow
    from pyarrow import parquet

    monkeypatch.chdir(tmp_path)
    folder = Path("in")
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02d}.en.txt").write_text(f"Kaishou has {number} fans.\r\nIt grows.\n", encoding="utf-8")
        (folder / f"{number:02d}.zh.txt").write_text(f"快手有{number}个粉丝。\n它在增长。\n", encoding="utf-8")
    (folder / "broken.txt").write_bytes(b"\x00\x01")
    (folder / "big.jsonl").write_text("".join(_lines()), encoding="utf-8")
    table = pyarrow.table({"id": [1, 2], "source": ["快手", "你好"], "target": ["Kaishou", "hello"]})
    parquet.write_table(table, folder / "table.parquet")
    Path("terms.tsv").write_text(TERMS, encoding="utf-8")
    return folder


def _lines() -> Iterator[str]:
    for number in range(200):
        record = {"id": f"r{number}"} if number % 3 else {}
        yield json.dumps(record | {"target": f"Kaishou {number} " + "x" * (number * 7 % 90)}) + "\n"


def _content(out: str) -> dict[str, bytes]:
    folder = Path(out)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".batch" not in path.parts
    }


def test_a_machine_that_dies_in_the_middle_changes_nothing(place: Path) -> None:
    items = find_items("in", SUFFIXES).items
    setup = Setup(Path("local"), Config(glossary=("terms.tsv",)))
    run_batch(items, setup, BatchOptions(), lambda _e, _n: None)
    seen: list[int] = []
    with two_machines() as cluster, connected() as session:

        def kill(done: int, _of: int) -> None:
            seen.append(done)
            if done == 3:
                # Not gracefully: its processes are killed.
                threading.Thread(target=cluster.remove_node, args=(cluster.second, False)).start()

        engine = RayEngine(session, Store.at("ray"), on_block=kill, stretch=1000)
        on_ray = Setup(Path("ray"), setup.config)
        summary = run_on_cluster(items, on_ray, BatchOptions(jobs=0), lambda _e, _n: None, engine)
        assert session.dead() == 1
    assert len(seen) > 15
    assert summary.failed == 1
    assert _content("ray") == _content("local")


COMMAND = """
import sys
from regloss.batch.cluster.session import connected
from regloss.cli import main

with connected(cpus=1) as session:
    print([node["NodeManagerAddress"] for node in session.ray.nodes()], file=sys.stderr)
    main()
"""


def test_a_cluster_of_our_own_is_quiet_and_keeps_to_this_machine(place: Path) -> None:
    def batch(*start: str, out: str, more: list[str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *start, "batch", "in", "-g", "terms.tsv", "-o", out, *more]
        # Python's own warnings are for developers.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)

    # Without a file in many pieces there is less for Ray to start.
    (place / "big.jsonl").unlink()
    local = batch("-m", "regloss", out="local", more=["--jobs", "1"])
    clustered = batch("-c", COMMAND, out="ray", more=["--engine", "ray"])
    assert clustered.returncode == local.returncode == 2
    assert clustered.stdout == local.stdout
    assert clustered.stderr == "['127.0.0.1']\n" + local.stderr.replace("local/", "ray/")
    assert _content("ray") == _content("local")
