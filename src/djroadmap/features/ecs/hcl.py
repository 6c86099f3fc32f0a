"""Pieces of Terraform's language, written as `terraform fmt` would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def quoted(text: str) -> str:
    """A string. What Terraform would fill in stays as it is."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def listed(words: Sequence[str]) -> str:
    """A list of strings on one line."""
    return f"[{', '.join(quoted(word) for word in words)}]"


def aligned(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Lines of `name = value`, the values below each other."""
    lines = list(pairs)
    width = max((len(name) for name, _ in lines), default=0)
    return [f"{name.ljust(width)} = {value}" for name, value in lines]
