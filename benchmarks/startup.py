"""How much processor time the commands take to start, as ratios measured side by side in one run.

Prints a table and exits 1 if a limit is passed: `--version` at most 4 times bare Python, `status` on the turbo
fixture at most 1.6 times a Typer hello-world.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 25
HERE = Path(__file__).parent
HELLO = """\
import typer

app = typer.Typer()


@app.command()
def main(name: str = "world") -> None:
    print("hello", name)


app()
"""


def main() -> int:
    """Measure, print, judge."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "hello.py").write_text(HELLO)
        shutil.copytree(HERE.parent / "fixtures" / "turbo", work / "turbo")
        djroadmap = Path(sys.executable).with_name("djroadmap")
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "hello": [sys.executable, str(work / "hello.py")],
            "version": [str(djroadmap), "--version"],
            "status": [str(djroadmap), "-C", str(work / "turbo"), "status"],
            "list": [str(djroadmap), "list"],
            "libcst": [sys.executable, "-c", "import libcst"],
        }
        # As an installed package runs: with its bytecode compiled.
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        env["DJROADMAP_STATE_DIR"] = str(work / "state")
        subprocess.run(
            [sys.executable, "-m", "compileall", "-q", str(HERE.parent / "src")], env=env, check=True
        )
        best = measure(commands, env)
    limits = {"version": ("python", 4.0), "status": ("hello", 1.6)}
    failed = False
    for name, seconds in best.items():
        line = f"{name:<8} {seconds * 1000:7.1f} ms"
        line += f"  {seconds / best['python']:5.1f} x python  {seconds / best['hello']:5.2f} x hello"
        if name in limits:
            against, limit = limits[name]
            ratio = seconds / best[against]
            failed |= ratio > limit
            line += f"   {'ok' if ratio <= limit else 'TOO SLOW'}: {ratio:.2f} of at most {limit} x {against}"
        print(line)
    return int(failed)


def measure(commands: dict[str, list[str]], env: dict[str, str]) -> dict[str, float]:
    """The least processor time of many rounds of each command, in turn, so that a busy moment hits all of them.

    Not the time on the clock, in which other programs have their share.
    """
    best = dict.fromkeys(commands, float("inf"))
    for _ in range(ROUNDS):
        for name, argv in commands.items():
            silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
            _, status, used = os.wait4(os.posix_spawn(argv[0], argv, env, file_actions=silent), 0)
            if status:
                raise subprocess.CalledProcessError(os.waitstatus_to_exitcode(status), argv)
            best[name] = min(best[name], used.ru_utime + used.ru_stime)
    return best


if __name__ == "__main__":
    raise SystemExit(main())
