"""What Fargate has: memory for each CPU. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from djroadmap.errors import Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEMORY: Mapping[int, Sequence[int]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}


def memory_for(cpu: int, memory: int) -> int:
    """The memory of a task in MiB, twice its CPU where 0 is asked for. Raises `Refused` for what there is not."""
    sizes = MEMORY.get(cpu)
    if sizes is None:
        raise _refused("--cpu", f"Fargate has no {cpu}: {_listed(list(MEMORY))}")
    found = memory or 2 * cpu
    if found not in sizes:
        raise _refused("--memory", f"Fargate has no {found} with --cpu {cpu}: {_listed(sizes)}")
    return found


def _listed(sizes: Sequence[int]) -> str:
    return ", ".join(map(str, sizes))


def _refused(flag: str, why: str) -> Refused:
    return Refused((Problem(path=flag, line=None, why=why),))
