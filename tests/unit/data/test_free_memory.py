"""Free memory: the machine's, or what a container leaves of it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from bakeoff.data import available_mb, free_memory

MB = 2**20
HOST_MB = 16_000


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(free_memory.psutil, "virtual_memory", lambda: SimpleNamespace(available=HOST_MB * MB))


def cgroup(folder: Path, version: int, limit: object, used_mb: int) -> Path:
    """A made-up cgroup, 300 MB of whose use are cached files."""
    names = ("memory.max", "memory.current", "memory.stat")
    prefix = ""
    if version == 1:
        names = ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat")
        prefix = "total_"
        (folder / "memory").mkdir()
    stat = f"{prefix}anon {5 * MB}\n{prefix}inactive_file {200 * MB}\n{prefix}active_file {100 * MB}"
    for name, content in zip(names, (limit, used_mb * MB, stat), strict=True):
        (folder / name).write_text(f"{content}\n")
    return folder


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize(
    ("limit_mb", "used_mb", "free_mb"), [(4000, 1500, 2800), (64_000, 1500, HOST_MB), (1000, 1500, 0)], ids=["some", "all", "none"]
)
def test_a_container_has_what_its_limit_leaves(tmp_path: Path, version: int, limit_mb: int, used_mb: int, free_mb: int) -> None:
    assert available_mb(cgroup(tmp_path, version, limit_mb * MB, used_mb)) == free_mb


@pytest.mark.parametrize(("version", "limit"), [(2, "max"), (1, 9223372036854771712)])
def test_without_a_limit_it_is_the_machines(tmp_path: Path, version: int, limit: object) -> None:
    assert available_mb(tmp_path) == HOST_MB
    assert available_mb(cgroup(tmp_path, version, limit, 1500)) == HOST_MB


def test_a_file_that_says_something_else_limits_nothing(tmp_path: Path) -> None:
    folder = cgroup(tmp_path, 2, 4000 * MB, 1500)
    (folder / "memory.stat").write_text("anon\n")
    assert available_mb(folder) == HOST_MB
