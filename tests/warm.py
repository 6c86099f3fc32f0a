"""Answers `tests.cli_runner.Warm`: loads djroadmap once, then each command line runs in a fork of this process.

A request is a line of JSON on standard input; the answer is the exit code on standard output.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import sys
from importlib import import_module

import jinja2
import libcst
import ruamel.yaml
import tomlkit

import djroadmap
from djroadmap.__main__ import main

LOADED = (jinja2, libcst, ruamel.yaml, tomlkit)
"""What djroadmap imports where it is used, and what takes the time to start."""


def serve() -> None:
    """Answer until standard input ends; a fork returns from here by `SystemExit`, as a process of its own would."""
    for module in pkgutil.walk_packages(djroadmap.__path__, "djroadmap."):
        if not module.name.startswith(("djroadmap.testing", "djroadmap.__main__")):
            import_module(module.name)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            run(**json.loads(line))
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def run(*, arguments: list[str], env: dict[str, str], out: str, err: str) -> None:
    """Become the command: its arguments, its variables, its outputs."""
    for number, (path, flags) in enumerate(
        ((os.devnull, os.O_RDONLY), (out, os.O_WRONLY), (err, os.O_WRONLY))
    ):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = ["djroadmap", *arguments]
    main()
    raise SystemExit(0)


if __name__ == "__main__":
    serve()
