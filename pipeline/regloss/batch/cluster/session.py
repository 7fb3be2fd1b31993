"""Ray, kept quiet and kept on this machine unless asked; the one place that knows how it is called."""

import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regloss.errors import MissingExtraError, UsageError

__all__ = ["Session", "connected"]

_STORE_BYTES = 128 << 20
"""Of the object store of a cluster of our own: only lists of names, counts and edits pass through it."""

_PATIENCE = 10
"""Seconds that the head of a cluster has to answer at all."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Session:
    """A connection to a cluster."""

    ray: Any

    def dead(self) -> int:
        """Return how many machines the cluster has lost since it began."""
        return sum(not node["Alive"] for node in self.ray.nodes())

    def tasks(self, rows: Sequence[Row], work: Callable[[Row], Row]) -> Iterator[Row]:
        """Yield what the cluster makes of each row, in any order; rows over which `work` broke are missing."""
        return self._mapped(rows, work, {"num_cpus": 1})

    def actors(self, rows: Sequence[Row], worker: type, order: object, jobs: int, *, gpu: bool) -> Iterator[Row]:
        """Yield the same, made by workers that are built once from `order` and called for one row after another.

        Args:
            jobs: workers at most, 0 for as many as there is room for, on machines that join later too.
            gpu: give each worker a GPU of its own, where the cluster has any; else it gets a processor core.
        """
        resources = self.ray.cluster_resources()
        gpus = int(resources.get("GPU", 0)) if gpu else 0
        room = gpus or max(int(resources.get("CPU", 1)), 1)
        most = min(jobs or len(rows), len(rows))
        pool = self.ray.data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=min(room, most))
        options = {"compute": pool, "fn_constructor_args": (order,)}
        return self._mapped(rows, worker, {**options, **({"num_gpus": 1} if gpus else {"num_cpus": 1})})

    def _mapped(self, rows: Sequence[Row], work: Any, options: Mapping[str, Any]) -> Iterator[Row]:
        if not rows:
            return
        data = self.ray.data
        context = data.DataContext.get_current().copy()
        context.max_errored_blocks = -1
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        with data.DataContext.current(context), _hushed():
            # A block of Ray's for each row, so that each is handed out alone. What is lost with a machine, Ray Data
            # does again elsewhere, without end; the workers keep count themselves.
            yield from data.from_items(list(rows), override_num_blocks=len(rows)).map(work, **options).iter_rows()


@contextmanager
def connected(address: str = "", cpus: int = 0) -> Iterator[Session]:
    """Yield a connection to Ray; one that stood before is used and left open.

    Args:
        address: of a running cluster, such as ``auto`` or ``10.0.0.1:6379``; empty starts one on this machine, which
            listens on the loopback interface alone and ends with the block.
        cpus: workers that a cluster of our own has room for, 0 for one a processor core.

    Raises:
        MissingExtraError: Ray is not installed.
        UsageError: no cluster answers at the address.
    """
    with _environment(_settings(address)):
        try:
            import ray
            import ray.data
        except ImportError as exc:
            raise MissingExtraError("--engine ray", "ray") from exc
        if ray.is_initialized():
            yield Session(ray)
            return
        _knock(address)
        try:
            _connect(ray, address, cpus)
            yield Session(ray)
        finally:
            ray.shutdown()


def _settings(address: str) -> dict[str, str]:
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_BACKEND_LOG_LEVEL": "fatal"}
    # The only switch that makes every server of a cluster listen on 127.0.0.1, whatever its name says.
    return quiet if address else {**quiet, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _knock(address: str) -> None:
    """Refuse an address at which nobody listens, which Ray itself would wait for for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
    except OSError as exc:
        raise UsageError(f"no Ray cluster answers at {address}: {str(exc.strerror or exc).lower()}") from exc


def _connect(ray: Any, address: str, cpus: int) -> None:
    own = {"num_cpus": cpus or os.cpu_count() or 1, "object_store_memory": _STORE_BYTES, "include_dashboard": False}
    # Ray has read the setting when it was first imported, which may have been for another cluster.
    constants = ray._private.ray_constants
    kept, constants.ENABLE_RAY_CLUSTER = constants.ENABLE_RAY_CLUSTER, bool(address)
    try:
        with _no_stderr():
            ray.init(address or "local", log_to_driver=False, logging_level="CRITICAL", **({} if address else own))
    except (ConnectionError, TimeoutError, ValueError, RuntimeError) as exc:
        place = f"answers at {address}" if address else "starts on this machine"
        raise UsageError(f"no Ray cluster {place}: {' '.join(str(exc).split())[:200]}") from exc
    finally:
        constants.ENABLE_RAY_CLUSTER = kept


@contextmanager
def _no_stderr() -> Iterator[None]:
    """Keep native code from writing to standard error; what goes wrong is raised anyway."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep Ray's own messages out of the terminal, where they would stand among results; its log files have them."""
    import ray

    worker = ray._private.worker
    printed, worker._worker_logs_enabled = worker._worker_logs_enabled, False
    console = [h for h in logging.getLogger("ray.data").handlers if isinstance(h, logging.StreamHandler)]
    levels = [handler.level for handler in console]
    try:
        for handler in console:
            handler.setLevel(logging.CRITICAL + 1)
        yield
    finally:
        worker._worker_logs_enabled = printed
        for handler, level in zip(console, levels, strict=True):
            handler.setLevel(level)
