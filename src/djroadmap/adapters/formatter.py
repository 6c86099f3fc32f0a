"""New Python files as the project's own formatter would leave them, by the ruff that comes with djroadmap."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .formatter_config import Flags, black_flags, candidates, first_party, nearest_config
from .paths import is_relative

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from djroadmap.model.edit import RelPath
    from djroadmap.model.project import PythonStyle

    from .formatter_config import Config

SECONDS = 60
KEEP = ("--extend-unfixable", "F401")
"""An import may be there for its effect; whoever wrote the template decides, not a fix."""
COMMON = ("--no-cache", "--quiet", "--no-force-exclude")


class RuffFormatter:
    """Formats the text of files that do not exist yet. Implements `ports.Formatter`.

    The project's own ruff configuration counts, found as ruff finds it from where the file will be, and
    its `[tool.black]` and `[tool.isort]` where there is none. `new` names the other files that are about to be
    created: import sorting looks for first-party packages on disk, where they are not yet.
    """

    __slots__ = ("_binary", "_configs", "_environ", "_new", "_style", "root")

    def __init__(
        self,
        root: Path,
        style: PythonStyle | None = None,
        *,
        new: Sequence[RelPath] = (),
        binary: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.root = Path(os.path.realpath(root))
        self._style = style
        self._new = tuple(new)
        self._binary = binary
        source = os.environ if environ is None else environ
        self._environ = {key: value for key, value in source.items() if not key.startswith("RUFF_")}
        self._configs: dict[Path, Config | None] = {}

    def format(self, path: RelPath, text: str) -> str:
        """`text` with its imports sorted, formatted, and with the safe fixes of the project's own rules.

        Unchanged if it is not Python, does not parse, or if there is no ruff to run.
        """
        if not path.endswith((".py", ".pyi")) or not text.strip() or not is_relative(path):
            return text
        config = self._config((self.root / path).parent)
        for flags in candidates(self.root, config, self._style):
            result = self._format(path, text, flags, config)
            if result is not None:
                return result
        return text

    def _format(self, path: RelPath, text: str, flags: Flags, config: Config | None) -> str | None:
        """None if ruff does not accept these flags (or the text)."""
        shared = flags.shared + first_party(self.root, config, (*self._new, path))
        layout = (*shared, *black_flags(self.root)) if self._uses_black(config) else shared
        fixing = ("check", "--fix-only", "--exit-zero", "--no-unsafe-fixes", *KEEP, *shared)
        ordered = self._ruff(path, text, (*fixing, "--select", "I"))
        formatted = None if ordered is None else self._ruff(path, ordered, ("format", *layout))
        if formatted is None or not flags.rules:
            return formatted
        # A rule may want a trailing comma, say, and that in turn another layout.
        fixed = self._ruff(path, formatted, fixing)
        if fixed is None or fixed == formatted:
            return formatted
        return self._ruff(path, fixed, ("format", *layout)) or formatted

    def _uses_black(self, config: Config | None) -> bool:
        """Does the project only lint with ruff? Without a ruff configuration black's settings are in already."""
        return config is not None and (self._style is None or self._style.tool != "ruff")

    def _ruff(self, path: RelPath, text: str, arguments: Sequence[str]) -> str | None:
        import subprocess  # noqa: PLC0415 - 16 ms, only for runs that create Python files

        # An absolute name: for a relative one ruff looks for configurations no higher than where it runs.
        argv = [self._program(), *arguments, *COMMON, "--stdin-filename", str(self.root / path), "-"]
        try:
            ran = subprocess.run(
                argv,
                cwd=self.root,
                env=self._environ,
                input=text.encode(),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
            return ran.stdout.decode() if ran.returncode == 0 else None
        except (OSError, subprocess.TimeoutExpired, UnicodeError):
            return None

    def _program(self) -> str:
        if self._binary is None:
            self._binary = find_ruff()
        return self._binary

    def _config(self, folder: Path) -> Config | None:
        if folder not in self._configs:
            self._configs[folder] = nearest_config(folder, self.root)
        return self._configs[folder]


def find_ruff(interpreter: str = sys.executable) -> str:
    """The ruff that was installed with djroadmap (beside its `interpreter`), else the one on PATH."""
    beside = Path(interpreter).with_name("ruff.exe" if os.name == "nt" else "ruff")
    if beside.is_file():
        return str(beside)
    try:
        from ruff import find_ruff_bin  # type: ignore[import-untyped]  # noqa: PLC0415 - searches the disk
    except ImportError:  # vendored by a distribution, which puts ruff on PATH
        return "ruff"
    try:
        return str(find_ruff_bin())
    except FileNotFoundError:
        return "ruff"
