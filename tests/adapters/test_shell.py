"""Running commands, and ending them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from djroadmap.adapters.shell import LocalShell
from djroadmap.errors import Refused
from tests.adapters.trees import build


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_both_streams_and_the_code(tmp_path: Path):
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr, flush=True); print('ä'); sys.exit(3)"
    ran = LocalShell(tmp_path, environ={**os.environ, "PYTHONIOENCODING": "utf-8"}).run(python(code))
    assert (ran.returncode, ran.output) == (3, "out\nerr\nä\n")


def test_success(tmp_path: Path):
    assert LocalShell(tmp_path).run(["true"]).returncode == 0


def test_nothing_on_stdin(tmp_path: Path):
    assert (
        LocalShell(tmp_path)
        .run(python("print(repr(input.__self__ and __import__('sys').stdin.read()))"))
        .output
        == "''\n"
    )


def test_the_folder_is_where_a_shell_would_say_it_stands(tmp_path: Path):
    build(tmp_path, {"sub/": ""})
    shell = LocalShell(tmp_path, environ={"PATH": os.environ["PATH"], "PWD": "/elsewhere"})
    ran = shell.run(python("import os; print(os.environ['PWD'])"), cwd="sub")
    assert ran.output == f"{tmp_path.resolve() / 'sub'}\n"


def test_the_folder_and_the_environment(tmp_path: Path):
    build(tmp_path, {"sub/": ""})
    shell = LocalShell(tmp_path, environ={"PATH": os.environ["PATH"], "A": "1", "B": "1"})
    ran = shell.run(
        python("import os; print(os.getcwd(), os.environ['A'], os.environ['B'])"), cwd="sub", env={"B": "2"}
    )
    assert ran.output == f"{tmp_path.resolve() / 'sub'} 1 2\n"
    assert shell.run(python("import os; print(os.getcwd())")).output == f"{tmp_path.resolve()}\n"


@pytest.mark.parametrize("cwd", ["..", "/tmp", "none", "file", "out"])
def test_a_folder_outside_is_refused(tmp_path: Path, cwd: str):
    build(tmp_path / "p", {"file": "", "out": "-> .."})
    with pytest.raises(Refused, match="is not a folder of the project"):
        LocalShell(tmp_path / "p").run(["true"], cwd=cwd)


def test_a_program_that_does_not_exist(tmp_path: Path):
    ran = LocalShell(tmp_path, environ={"PATH": "/usr/bin:/bin"}).run(["djroadmap-no-such-program", "x"])
    assert (ran.returncode, ran.output) == (127, "djroadmap-no-such-program: no such file or directory\n")


def test_a_file_that_is_no_program(tmp_path: Path):
    build(tmp_path, {"x": ""})
    assert LocalShell(tmp_path).run([str(tmp_path / "x")]).returncode == 127


def test_output_that_is_not_text(tmp_path: Path):
    assert (
        "\ufffd" in LocalShell(tmp_path).run(python("import sys; sys.stdout.buffer.write(b'\\xff')")).output
    )


def test_a_command_ended_by_a_signal(tmp_path: Path):
    ran = LocalShell(tmp_path).run(python("import os; os.kill(os.getpid(), 9)"))
    assert ran.returncode == -9


FAMILY = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(child.pid))
print("ready", flush=True)
time.sleep(60)
"""


def wait_for(file: Path) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if file.exists() and (text := file.read_text()):
            return int(text)
        time.sleep(0.01)
    raise AssertionError(file)


def is_gone(pid: int, *, within: float = 20) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/status")
        if status.exists() and "State:\tZ" in status.read_text():  # dead, only not fetched by its parent yet
            return True
        time.sleep(0.01)
    return False


def test_a_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path):
    ran = LocalShell(tmp_path).run([*python(FAMILY), str(tmp_path / "pid")], timeout=1.5)
    assert ran.returncode == 124
    assert ran.output.startswith("ready\n")
    assert "took longer than 1.5 seconds" in ran.output
    assert is_gone(wait_for(tmp_path / "pid"))


def test_an_interrupt_ends_the_command_and_its_children(tmp_path: Path):
    driver = (
        "import signal, sys; from pathlib import Path; from djroadmap.adapters.shell import LocalShell\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # which `command &` of a shell ignores
        "LocalShell(Path('.')).run(sys.argv[1:])"
    )
    pid = tmp_path / "pid"
    with subprocess.Popen(
        [*python(driver), *python(FAMILY), str(pid)], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        child = wait_for(pid)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in error
    assert process.returncode
    assert is_gone(child)


@pytest.mark.parametrize("moment", ["_execute_child", "__init__", "communicate"])
def test_an_interrupt_while_a_command_starts(tmp_path: Path, moment: str):
    """`_execute_child` has forked, and whoever called `Popen` cannot know of the command yet."""
    driver = (
        "import os, signal, subprocess, sys, threading, time; from pathlib import Path\n"
        "from djroadmap.adapters.shell import LocalShell\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def interrupt(frame, event, arg):\n"
        "    of, name, at = sys.argv[1], frame.f_code.co_name, 'call' if sys.argv[1] == 'communicate' else 'return'\n"
        "    if (name, event) == (of, at) and frame.f_code.co_filename == subprocess.__file__:\n"
        "        if isinstance(frame.f_locals['self'], subprocess.Popen):\n"
        "            sys.setprofile(None)\n"
        "            while not os.path.exists(sys.argv[2]): time.sleep(0.01)\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.setprofile(interrupt)\n"
        "LocalShell(Path('.')).run(['sh', '-c', 'echo $$ >new; mv new \"$0\"; exec sleep 60', sys.argv[2]])"
    )
    pid = tmp_path / "pid"
    ran = subprocess.run(
        [*python(driver), moment, str(pid)],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=30,  # it is not waited for: that would take 60
    )
    assert "KeyboardInterrupt" in ran.stderr
    assert ran.returncode
    assert is_gone(int(pid.read_text()), within=2)


@pytest.mark.parametrize(
    ("here", "there"), [("default_int_handler", "default_int_handler"), ("SIG_IGN", "1")]
)
def test_what_is_kept_back_reaches_the_command(tmp_path: Path, here: str, there: str):
    """Neither is our handler inherited, nor is the signal masked; and what was there is there again."""
    code = "import signal as s; print(s.getsignal(s.SIGINT), s.pthread_sigmask(s.SIG_BLOCK, []))"
    driver = (
        "import signal, sys; from pathlib import Path; from djroadmap.adapters.shell import LocalShell\n"
        "handler = getattr(signal, sys.argv[1]); signal.signal(signal.SIGINT, handler)\n"
        "print(LocalShell(Path('.')).run(sys.argv[2:]).output, signal.getsignal(signal.SIGINT) == handler)"
    )
    said = subprocess.check_output([*python(driver), here, *python(code)], cwd=tmp_path, text=True)
    assert there in said.partition("\n")[0]
    assert said.endswith(" set()\n True\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_end_the_command_if_somebody_handles_them(tmp_path: Path, number: signal.Signals):
    driver = (
        "import signal, sys; from pathlib import Path; from djroadmap.adapters.shell import LocalShell\n"
        "def handler(number, frame): raise SystemExit(f'told {number}')\n"
        f"signal.signal({int(number)}, handler)\n"
        "LocalShell(Path('.')).run(sys.argv[1:])"
    )
    pid = tmp_path / "pid"
    with subprocess.Popen(
        [*python(driver), *python(FAMILY), str(pid)], cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as process:
        child = wait_for(pid)
        process.send_signal(number)
        _, error = process.communicate(timeout=30)
    assert error == f"told {int(number)}\n"
    assert is_gone(child, within=2)


def test_the_same_signal_twice_leaves_the_command_its_time(tmp_path: Path):
    """It says what it has to do when it was told to end."""
    polite = (
        "import os, signal, sys, time\n"
        "def end(*_): time.sleep(1); open(sys.argv[2], 'w').write('done'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "while True: time.sleep(60)"
    )
    driver = (
        "import signal, sys; from pathlib import Path; from djroadmap.adapters.shell import LocalShell\n"
        "signal.signal(signal.SIGHUP, lambda *_: None)\n"
        "LocalShell(Path('.'), grace=60).run(sys.argv[1:])"
    )
    pid, done = tmp_path / "pid", tmp_path / "done"
    with subprocess.Popen([*python(driver), *python(polite), str(pid), str(done)], cwd=tmp_path) as process:
        wait_for(pid)
        for _ in range(2):
            process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
        process.communicate(timeout=30)
    assert done.read_text() == "done"


def test_a_second_interrupt_kills_what_ignores_the_polite_signal(tmp_path: Path):
    stubborn = (
        "import os, signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: open(sys.argv[2], 'w').write('told'))\n"
        "open(sys.argv[1], 'w').write(str(os.getpid()))\n"
        "while True: time.sleep(60)"
    )
    driver = (
        "import signal, sys; from pathlib import Path; from djroadmap.adapters.shell import LocalShell\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "LocalShell(Path('.'), grace=60).run(sys.argv[1:])"
    )
    pid, told = tmp_path / "pid", tmp_path / "told"
    with subprocess.Popen(
        [*python(driver), *python(stubborn), str(pid), str(told)], cwd=tmp_path, stderr=subprocess.DEVNULL
    ) as process:
        child = wait_for(pid)
        process.send_signal(signal.SIGINT)
        while not told.exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert is_gone(child, within=10)


def test_a_command_that_ignores_the_polite_signal_is_killed(tmp_path: Path):
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    began = time.monotonic()
    ran = LocalShell(tmp_path, grace=0.2).run(python(stubborn), timeout=1)
    assert ran.returncode == 124
    assert time.monotonic() - began < 20


def test_shells_do_not_get_in_each_others_way(tmp_path: Path):
    shell = LocalShell(tmp_path)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: found.append(shell.run(python(f"print({n})")).output))
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == ["0\n", "1\n", "2\n", "3\n"]
