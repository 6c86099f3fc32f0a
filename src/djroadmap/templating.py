"""Jinja templates for whole new files, with delimiters that Helm, GitHub Actions and just do not use."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from jinja2 import Environment


def templates_folder() -> Path:
    """Where the templates are: inside the installed package, or beside `src` in a checkout."""
    package = Path(__file__).parent
    shipped = package / "templates"
    return shipped if shipped.is_dir() else package.parent.parent / "templates"


@lru_cache(maxsize=8)
def environment(folder: Path) -> Environment:
    """The Jinja environment over `folder`: `[= x =]`, `[% if %]`, `[# comment #]`, undefined names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - 70 ms

    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        variable_start_string="[=",
        variable_end_string="=]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - source code, not HTML
    )


class Rendered(NamedTuple):
    """A template and its facts, rendered when called: planning alone does not pay for Jinja."""

    name: str
    facts: tuple[tuple[str, Any], ...]
    folder: Path | None = None

    def __call__(self) -> str:
        """The text. Raises `jinja2.TemplateError` for a mistake in the template."""
        return environment(self.folder or templates_folder()).get_template(self.name).render(dict(self.facts))


def rendered(feature: str, name: str, *, folder: Path | None = None, **facts: Any) -> Callable[[], str]:
    """The template `templates/<feature>/<name>` with these facts, not rendered yet.

    A third-party feature gives its own `folder`.
    """
    # mypy does not see that this named tuple can be called.
    return cast("Callable[[], str]", Rendered(f"{feature}/{name}", tuple(facts.items()), folder))
