"""HCL as it is written: blocks, attributes and expressions, with lines. Nothing is worked out."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

TOKEN = re.compile(
    r"""
      (?P<space>[ \t\r]+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
    | (?P<newline>\n)
    | (?P<heredoc><<-?(?P<mark>\w+)\n.*?\n[ \t]*(?P=mark)(?=\n|$))
    | (?P<number>\d+(\.\d+)?([eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][\w-]*)
    | (?P<operator>=>|==|!=|<=|>=|&&|\|\||\.\.\.|[-+*/%!<>=?:,.(){}\[\]])
    """,
    re.VERBOSE | re.DOTALL,
)
FOR = re.compile(r"\{\s*for\s+\w+\s*(,\s*\w+\s*)?in\b")
CLOSING = {"(": ")", "[": "]", "{": "}"}
BINARY = {"==", "!=", "<", ">", "<=", ">=", "&&", "||", "+", "-", "*", "/", "%"}


class Invalid(ValueError):
    """The text is no HCL, as far as this understands it."""


class Literal(NamedTuple):
    """A number, a name without dots, or a text with its quotes."""

    text: str
    line: int


class Reference(NamedTuple):
    """`var.x`, `module.y.z[0].a`: as it is written."""

    text: str
    line: int


class Tuple(NamedTuple):
    items: tuple[Expression, ...]
    line: int


class Item(NamedTuple):
    """One key of an object."""

    key: str | None
    """As it is written, without quotes; None: computed."""
    value: Expression
    source: str
    """The value as it is written."""
    line: int


class Object(NamedTuple):
    items: tuple[Item, ...]
    line: int


class For(NamedTuple):
    """`[for ...]` or `{for ...}`, with what each makes."""

    value: Expression
    keyed: bool
    line: int


class Call(NamedTuple):
    name: str
    arguments: tuple[Expression, ...]
    line: int


class Choice(NamedTuple):
    """`condition ? yes : no`."""

    yes: Expression
    no: Expression
    line: int


class Other(NamedTuple):
    """Operators, and parts of what is not a reference."""

    parts: tuple[Expression, ...]
    line: int


Expression: TypeAlias = "Literal | Reference | Tuple | Object | For | Call | Choice | Other"


class Attribute(NamedTuple):
    name: str
    value: Expression
    source: str
    """The value as it is written."""
    line: int


class Block(NamedTuple):
    type: str
    labels: tuple[str, ...]
    body: Body
    line: int


class Body(NamedTuple):
    attributes: dict[str, Attribute]
    blocks: tuple[Block, ...]

    def all(self, *types: str) -> list[Block]:
        """The blocks of some types."""
        return [block for block in self.blocks if block.type in types]


class _Token(NamedTuple):
    kind: str
    text: str
    line: int
    start: int
    end: int


def parse(text: str) -> Body:
    """The attributes and blocks of a file; Invalid: it is none."""
    reader = _Reader(text)
    return reader.body("")


def expression(text: str) -> Expression:
    """One expression; Invalid: it is none."""
    reader = _Reader(f"({text}\n)")
    found = reader.expression()
    reader.skip_newlines()
    if reader.peek().kind != "end":
        raise reader.unexpected()
    return found


def text(value: Expression) -> str:
    """The text of a literal text without templates; Invalid: it is something else."""
    if isinstance(value, Literal) and value.text.startswith('"') and "${" not in value.text:
        return value.text[1:-1]
    raise Invalid(f"line {value.line}: no plain text")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.position = 0

    def peek(self) -> _Token:
        return self.tokens[self.position]

    def next(self) -> _Token:
        token = self.tokens[self.position]
        self.position += 1
        return token

    def unexpected(self) -> Invalid:
        token = self.peek()
        return Invalid(f"line {token.line}: {token.text!r} is not expected")

    def expect(self, text: str) -> _Token:
        if self.peek().text != text:
            raise self.unexpected()
        return self.next()

    def skip_newlines(self) -> None:
        while self.peek().kind == "newline":
            self.position += 1

    def body(self, end: str) -> Body:
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        while True:
            self.skip_newlines()
            token = self.peek()
            if token.text == end and token.kind in ("operator", "end"):
                if end:
                    self.next()
                return Body(attributes, tuple(blocks))
            if token.kind not in ("name", "string"):
                raise self.unexpected()
            name = self.next()
            if self.peek().text == "=":
                self.next()
                start = self.peek().start
                value = self.expression()
                stop = self.tokens[self.position - 1].end
                if name.text in attributes:
                    raise Invalid(f"line {name.line}: {name.text} is set twice")
                attributes[name.text] = Attribute(name.text, value, self.text[start:stop], name.line)
                continue
            labels = []
            while self.peek().kind in ("name", "string"):
                labels.append(self.next().text.strip('"'))
            self.expect("{")
            blocks.append(Block(name.text, tuple(labels), self.body("}"), name.line))

    def expression(self) -> Expression:
        value = self.operand()
        parts = [value]
        while self.peek().text in BINARY and self.peek().kind == "operator":
            self.next()
            # Behind an operator they count for nothing.
            self.skip_newlines()
            parts.append(self.operand())
        if len(parts) > 1:
            value = Other(tuple(parts), value.line)
        if self.peek().text == "?":
            self.next()
            yes = self.expression()
            self.expect(":")
            return Choice(yes, self.expression(), value.line)
        return value

    def operand(self) -> Expression:
        token = self.next()
        line = token.line
        if token.text in ("-", "!") and token.kind == "operator":
            return Other((self.operand(),), line)
        value: Expression
        if token.text == "(" and token.kind == "operator":
            value = self.expression()
            self.expect(")")
        elif token.text == "[" and token.kind == "operator":
            value = self.tuple(line)
        elif token.text == "{" and token.kind == "operator":
            value = self.object(line)
        elif token.kind in ("string", "heredoc", "number"):
            value = Literal(token.text, line)
        elif token.kind == "name":
            value = self.named(token)
        else:
            self.position -= 1
            raise self.unexpected()
        return self.traversed(value, token)

    def named(self, token: _Token) -> Expression:
        # provider::name::function
        name = token.text
        while self.peek().text == ":" and self.tokens[self.position + 1].text == ":":
            self.position += 2
            name += "::" + self.next().text
        if self.peek().text != "(":
            plain = token.text in ("true", "false", "null")
            return Literal(token.text, token.line) if plain else Reference(token.text, token.line)
        self.next()
        arguments = []
        while self.peek().text != ")":
            arguments.append(self.expression())
            if self.peek().text == "...":
                self.next()
            if self.peek().text != ")":
                self.expect(",")
        self.next()
        return Call(name, tuple(arguments), token.line)

    def traversed(self, value: Expression, start: _Token) -> Expression:
        parts = [value]
        moved = False
        while self.peek().kind == "operator" and self.peek().text in (".", "["):
            moved = True
            if self.next().text == ".":
                if self.peek().kind not in ("name", "number") and self.peek().text != "*":
                    raise self.unexpected()
                self.next()
            elif self.peek().text == "*":
                self.next()
                self.expect("]")
            else:
                parts.append(self.expression())
                self.expect("]")
        if not moved:
            return value
        if isinstance(value, Reference):
            return Reference(self.text[start.start : self.tokens[self.position - 1].end], value.line)
        return Other(tuple(parts), value.line)

    def tuple(self, line: int) -> Expression:
        if self.peek().text == "for":
            return self.comprehension(line, "]")
        items = []
        while self.peek().text != "]":
            items.append(self.expression())
            if self.peek().text != "]":
                self.expect(",")
        self.next()
        return Tuple(tuple(items), line)

    def object(self, line: int) -> Expression:
        self.skip_newlines()
        if self.peek().text == "for" and self.tokens[self.position + 1].kind == "name":
            return self.comprehension(line, "}")
        items: list[Item] = []
        while True:
            self.skip_newlines()
            if self.peek().text == "}" and self.peek().kind == "operator":
                self.next()
                return Object(tuple(items), line)
            token = self.peek()
            key: str | None = None
            if token.kind in ("name", "number") and self.tokens[self.position + 1].text in ("=", ":"):
                key = self.next().text
            elif token.kind == "string" and self.tokens[self.position + 1].text in ("=", ":"):
                self.next()
                key = token.text[1:-1] if "${" not in token.text else None
            else:
                self.operand()
            if self.peek().text not in ("=", ":"):
                raise self.unexpected()
            self.next()
            start = self.peek().start
            value = self.expression()
            source = self.text[start : self.tokens[self.position - 1].end]
            items.append(Item(key, value, source, token.line))
            if self.peek().text == ",":
                self.next()

    def comprehension(self, line: int, end: str) -> Expression:
        self.expect("for")
        self.next()
        if self.peek().text == ",":
            self.next()
            self.next()
        self.expect("in")
        self.expression()
        self.expect(":")
        value = self.expression()
        keyed = self.peek().text == "=>"
        if keyed:
            self.next()
            value = self.expression()
        if self.peek().text == "...":
            self.next()
        if self.peek().text == "if":
            self.next()
            self.expression()
        self.expect(end)
        return For(value, keyed, line)


def _tokens(text: str) -> list[_Token]:
    found = []
    position, line = 0, 1
    open_: list[str] = []
    while position < len(text):
        start = position
        if text[position] == '"':
            position = string_end(text, position)
            found.append(_Token("string", text[start:position], line, start, position))
            line += text.count("\n", start, position)
            continue
        match = TOKEN.match(text, position)
        if not match:
            raise Invalid(f"line {line}: {text[position : position + 10]!r} is not expected")
        position = match.end()
        kind = next(
            name for name in ("space", "newline", "heredoc", "number", "name", "operator") if match[name]
        )
        if kind == "operator":
            if match[0] in CLOSING:
                # Where lines end counts for nothing in `{for ...}`, as in other brackets.
                open_.append("(" if FOR.match(text, start) else match[0])
            elif match[0] in CLOSING.values() and open_:
                open_.pop()
        if kind != "space" and not (kind == "newline" and open_ and open_[-1] != "{"):
            found.append(_Token(kind, match[0], line, start, position))
        line += match[0].count("\n")
    found.append(_Token("end", "", line, position, position))
    return found


def string_end(text: str, start: int) -> int:
    """Behind the closing quote of the template that begins at `start`, past quotes within `${ }`."""
    position = start + 1
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 2
        elif character == '"':
            return position + 1
        elif text.startswith(("$${", "%%{"), position):
            position += 3
        elif text.startswith(("${", "%{"), position):
            position = _braces_end(text, position + 2)
        else:
            position += 1
    raise Invalid(f"{text[start : start + 20]!r} is not closed")


def _braces_end(text: str, start: int) -> int:
    depth, position = 1, start
    while position < len(text):
        character = text[position]
        if character == '"':
            position = string_end(text, position)
            continue
        depth += {"{": 1, "}": -1}.get(character, 0)
        position += 1
        if not depth:
            return position
    raise Invalid(f"{text[start : start + 20]!r} is not closed")
