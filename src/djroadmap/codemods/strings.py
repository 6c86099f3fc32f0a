"""Which lines of code must not be indented, since they are what a string holds."""

from __future__ import annotations

import ast
import io
import tokenize


def inside_strings(code: str) -> set[int]:
    """The lines that begin inside a string; the first of all is number 1."""
    found: set[int] = set()
    opened = 0
    for token in tokenize.generate_tokens(io.StringIO(f"({code}\n)" if _bare(code) else code).readline):
        name = tokenize.tok_name[token.type]
        if name in {"FSTRING_START", "TSTRING_START"}:
            opened = token.start[0]
        elif name in {"FSTRING_END", "TSTRING_END"}:
            found.update(range(opened + 1, token.end[0] + 1))
        elif token.type == tokenize.STRING:
            found.update(range(token.start[0] + 1, token.end[0] + 1))
    return found


def _bare(code: str) -> bool:
    """Is it an expression? In parentheses it may go over lines as it likes."""
    try:
        ast.parse(f"({code}\n)", mode="eval")
    except SyntaxError:
        return False
    return True
