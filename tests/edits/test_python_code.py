"""Pieces of code that are replaced: one place or none, and back again as it was written."""

from __future__ import annotations

import pytest

from djroadmap.edits.python_code import Addition, CodeReplace, addition
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair


def edit(old: str, new: str) -> CodeReplace:
    return CodeReplace(path="shop/views.py", old=old, new=new)


WRAP = edit("send.delay(user.pk)", "transaction.on_commit(lambda: send.delay(user.pk))")
WITH = edit("total = add(a, b)\nsave(total)", "with lock():\n    total = add(a, b)\n    save(total)")

REPLACED = {
    "expression": (edit("f(x)", "g(x)"), "y = f(x)\n", "y = g(x)\n"),
    "no final newline": (edit("f(x)", "g(x)"), "y = f(x)", "y = g(x)"),
    "written otherwise": (edit('f(x, "a")', "g(x)"), "y = f(  # c\n    x, 'a',\n)  # d\n", "y = g(x)  # d\n"),
    "statement in a function": (
        WRAP,
        "def f(user):\n    send.delay(user.pk)  # later\n    return 1\n",
        "def f(user):\n    transaction.on_commit(lambda: send.delay(user.pk))  # later\n    return 1\n",
    ),
    "new code holds the old": (edit("f(x)", "g(f(x))"), "y = [f(x)]\n", "y = [g(f(x))]\n"),
    "old code holds the new": (edit("g(f(x))", "f(x)"), "y = [g(f(x))]\n", "y = [f(x)]\n"),
    "parentheses are needed": (edit("a", "b or c"), "y = a and d\n", "y = (b or c) and d\n"),
    "parentheses are there": (edit("a", "b or c"), "y = (a) and d\n", "y = (b or c) and d\n"),
    "over lines": (
        edit("f(x)", "g(\n    x,\n)"),
        "def h():\n  return f(x)\n",
        "def h():\n  return g(\n    x,\n  )\n",
    ),
    "over lines in its own parentheses": (edit("f(x)", "(x\n.g())"), "y = f(x)\n", "y = (x\n.g())\n"),
    "parentheses that are not needed": (edit("f(x)", "(b or c)"), "y = f(x)\n", "y = b or c\n"),
    "quotes of the file": (
        edit("f(x)", 'g("a")'),
        "import a\nb = 'b', 'c'\ny = f(x)\n",
        "import a\nb = 'b', 'c'\ny = g('a')\n",
    ),
    "several statements": (
        WITH,
        "def f(a, b):\n    total = add(a, b)  # sum\n\n    # keep\n    save(total)\n    return total\n",
        "def f(a, b):\n    with lock():\n        total = add(a, b)\n        save(total)\n    return total\n",
    ),
    "tabs and CRLF": (
        WITH,
        "class A:\r\n\tdef f(a, b):\r\n\t\ttotal = add(a, b)\r\n\t\tsave(total)\r\n",
        "class A:\r\n\tdef f(a, b):\r\n\t\twith lock():\r\n\t\t\ttotal = add(a, b)\r\n\t\t\tsave(total)\r\n",
    ),
    "latin letters before it": (
        edit("f(x)", "g(x)"),
        "é = 'é'; y = 'éé' + f(x)  # é\n",
        "é = 'é'; y = 'éé' + g(x)  # é\n",
    ),
    "beside a semicolon": (edit("a = 1", "a = 2"), "b = 0; a = 1; c = 2\n", "b = 0; a = 2; c = 2\n"),
    "decorated": (
        edit("@task\ndef f():\n    pass", "@task(bind=True)\ndef f(self):\n    pass"),
        "class A:\n    @task  # t\n    def f():\n        pass  # c\n",
        "class A:\n    @task(bind=True)\n    def f(self):\n        pass  # c\n",
    ),
    "in an except handler": (
        edit("raise", "raise Error from None"),
        "try:\n    f()\nexcept A:\n    raise\n",
        "try:\n    f()\nexcept A:\n    raise Error from None\n",
    ),
    "in a match case": (
        edit("x = 1", "x = 2"),
        "match y:\n    case 1:\n        x = 1\n",
        "match y:\n    case 1:\n        x = 2\n",
    ),
    "lines of a string stay": (
        edit("x = 1", 'x = """\n  a\n"""\nif x:\n    y = 1'),
        "def f():\n  x = 1\n",
        'def f():\n  x = """\n  a\n"""\n  if x:\n    y = 1\n',
    ),
    "an f-string as a whole": (edit('f"{a}"', 'g(f"{a}")'), 'y = f"{a}"\n', 'y = g(f"{a}")\n'),
    "keyword argument": (
        edit("f(a=1)", "f(a=1, b=2)"),
        "y = f(a = 1)\nz = f(a=3)\n",
        "y = f(a=1, b=2)\nz = f(a=3)\n",
    ),
}


@pytest.mark.parametrize("name", REPLACED)
def test_replaces(name):
    wish, before, after = REPLACED[name]
    assert assert_laws(wish, before) == after


ADDED = {
    "behind": (
        edit("bus = Bus()", "bus = Bus()\nbus.use(guid)"),
        "bus = Bus()  # one\nother()\n",
        "bus = Bus()  # one\nbus.use(guid)\nother()\n",
    ),
    "behind, at the end without a newline": (
        edit("bus = Bus()", "bus = Bus()\nbus.use(guid)"),
        "bus = Bus()",
        "bus = Bus()\nbus.use(guid)",
    ),
    "before": (
        edit("run()", "prepare()\nrun()"),
        "if x:\n\trun()  # r\n",
        "if x:\n\tprepare()\n\trun()  # r\n",
    ),
    "before the first line": (edit("run()", "prepare()\nrun()"), "run()\r\n", "prepare()\r\nrun()\r\n"),
    "comments belong to it": (
        edit("a = 1", "a = 1\n\n# why\nb = 2  # b\n# end"),
        "class A:\n    # first\n    a = 1\n\n    c = 3\n",
        "class A:\n    # first\n    a = 1\n\n    # why\n    b = 2  # b\n    # end\n\n    c = 3\n",
    ),
    "a block before, blank lines between": (
        edit("c = 3", "if x:\n    y()\n\n\nc = 3"),
        "b = 2\nc = 3\n",
        "b = 2\nif x:\n    y()\n\n\nc = 3\n",
    ),
    "before a decorated function": (
        edit("@t\ndef f():\n    pass", "a = 1\n\n\n@t\ndef f():\n    pass"),
        "@t\ndef f():\n    pass\n",
        "a = 1\n\n\n@t\ndef f():\n    pass\n",
    ),
}


@pytest.mark.parametrize("name", ADDED)
def test_adds_beside(name):
    wish, before, after = ADDED[name]
    assert assert_laws(wish, before) == after


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("gap", ["", "\n"])
@pytest.mark.parametrize("last", ["", "\nlast()", "\nlast()\n", "  # c\n"])
def test_others_may_add_theirs_in_the_same_place(end, gap, last):
    text = f"x = 1{last}".replace("\n", end)
    assert_pair(edit("x = 1", f"x = 1\n{gap}a()"), edit("x = 1", f"x = 1\n{gap}b()"), text)
    assert_pair(edit("x = 1", f"a()\n{gap}x = 1"), edit("x = 1", f"b()\n{gap}x = 1"), text)
    assert_pair(edit("x = 1", f"a()\n{gap}x = 1"), edit("x = 1", f"x = 1\n{gap}b()"), text)
    assert_pair(edit("x = 1", "# c\na()\nx = 1"), edit("x = 1", "# d\nb()\nx = 1"), text)


def test_two_replacements_do_not_know_each_other():
    text = "def f():\n    a(1)  # one\n    return b(\n        2,\n    )\n"
    assert_pair(edit("a(1)", "aa(1)"), edit("b(2)", "bb(\n    2)"), text)
    assert_pair(edit("a(1)", "a(1)\nlog()"), edit("return b(2)", "x = b(2)\nreturn x"), text)


HOLDS = {
    "written otherwise": (edit("f(x)", 'g(x, "a")'), "y = g(\n    x,\n    'a',  # c\n)\n"),
    "as part of something": (edit("f(x)", "g(x)"), "def h():\n    return [g(x) + 1]\n"),
    "statements": (WITH, "with lock():\n  total = add(a, b)\n  # c\n  save(total)\n"),
    "added, with something between": (edit("a = 1", "a = 1\nb = 2"), "a = 1\nc = 3\nb = 2\n"),
}


@pytest.mark.parametrize("name", HOLDS)
def test_untouched_where_it_holds(name):
    wish, text = HOLDS[name]
    assert wish.holds(text)
    assert wish.kept(text)
    assert wish.apply(text) == text
    assert wish.bind(text) == wish


REFUSED = {
    "not there": (edit("f(x)", "g(x)"), "y = f(z)\n", None, "not in this file"),
    "no file": (edit("f(x)", "g(x)"), None, None, "no such file"),
    "broken": (edit("f(x)", "g(x)"), "y = f(x\n", 1, "cannot be parsed"),
    "twice": (edit("f(x)", "g(x)"), "y = f(x)\nz = f(x)\n", 2, "more than once"),
    "both are there": (edit("f(x)", "g(x)"), "y = f(x)\nz = g(x)\n", 1, "the new one is in line 2"),
    "only in a comment": (edit("f(x)", "g(x)"), "# f(x)\n'f(x)'\n", None, "not in this file"),
    "only in an f-string": (edit("f(x)", "g(x)"), "y = f'{f(x)}'\n", None, "not in this file"),
    "assigned to, not read": (edit("a.b", "a.c"), "a.b = 1\n", None, "not in this file"),
    "a block in a line": (WITH, "x = 1; total = add(a, b); save(total)\n", 1, "does not fit"),
    "a block behind a colon": (WITH, "if x: total = add(a, b); save(total)\n", 1, "does not fit"),
    "statements apart": (WITH, "total = add(a, b)\nprint()\nsave(total)\n", None, "not in this file"),
    "statements in two bodies": (
        WITH,
        "total = add(a, b)\nif x:\n    save(total)\n",
        None,
        "not in this file",
    ),
    "nothing to add beside": (edit("a = 1", "a = 1\nb = 2"), "a = 2\n", None, "to put this beside"),
    "two places to add beside": (edit("a = 1", "a = 1\nb = 2"), "a = 1\na = 1\n", 2, "more than once"),
    "a line shared with others": (edit("a = 1", "a = 1\nb = 2"), "a = 1; c = 3\n", 1, "does not fit"),
    "a default in one line": (edit("run()", "prepare()\nrun()"), "if x: run()\n", 1, "does not fit"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name):
    wish, text, line, why = REFUSED[name]
    assert not wish.holds(text)
    assert wish.bind(text) == wish
    with pytest.raises(Unrecognised) as refused:
        wish.apply(text)
    (problem,) = refused.value.problems
    assert (problem.path, problem.line) == ("shop/views.py", line)
    assert why in problem.why
    assert problem.snippet == wish.new


def test_refuses_what_would_make_the_old_code_anew():
    with pytest.raises(Unrecognised, match="would not be found again"):
        edit("g(f(x))", "f(x)").apply("y = g(g(f(x)))\n")


def test_what_the_user_did_since_survives():
    text = "def f():\n    send.delay(user.pk)  # one\n"
    bound = WRAP.bind(text)
    after = bound.apply(text).replace("def f():", "import x\n\n\ndef f(user):").replace("# one", "# two")
    after = after.replace(
        "on_commit(lambda: send.delay(user.pk))", "on_commit(\n  lambda: send.delay(user.pk)\n)"
    )
    assert bound.revert(after) == "import x\n\n\ndef f(user):\n    send.delay(user.pk)  # two\n"


def test_put_back_as_it_was_written_though_the_block_moved():
    text = "total = add(a,  b)\n# c\nsave( total )\n"
    bound = WITH.bind(text)
    moved = "if x:\n" + "".join(f"    {row}\n" for row in bound.apply(text).splitlines())
    assert bound.revert(moved) == "if x:\n    total = add(a,  b)\n    # c\n    save( total )\n"


def test_added_code_goes_without_the_comments_and_blank_lines_that_it_lost():
    wish = edit("a = 1", "a = 1\n\n\n# why\nb = 2\n# end")
    assert wish.revert("a = 1\nb = 2\nc = 3\n") == "a = 1\nc = 3\n"
    wish = edit("a = 1", "b = 2\n\n\na = 1")
    assert wish.revert("# c\nb = 2\na = 1\n") == "# c\na = 1\n"
    assert wish.revert("b = 2\n\n# c\na = 1\n") == "# c\na = 1\n"


def test_put_back_from_the_wish_if_nothing_was_recorded():
    assert edit('f("x")', "g(x)").revert("y = 'a', g(x)\n") == "y = 'a', f('x')\n"


def test_reverting_leaves_what_is_not_its_own():
    wish = edit("f(x)", "g(x)")
    assert wish.revert("y = h(x)\n") == "y = h(x)\n"
    assert wish.revert("y = (\n") == "y = (\n"
    assert wish.revert(None) is None
    assert not wish.kept("y = (\n")


def test_partial_is_kept_but_does_not_hold():
    wish = edit("f(x)", "g(x)")
    assert wish.kept("y = g(x), f(x)\n")
    assert not wish.holds("y = g(x), f(x)\n")


NOT_REVERTED = {
    "twice": (edit("f(x)", "g(x)"), "y = g(x)\nz = g(x)\n", 2, "more than once"),
    "sharing a line now": (edit("a = 1", "a = 1\nb = 2"), "a = 1\nb = 2; c = 3\n", 2, "by itself"),
    "sharing a line now, a block": (
        edit("if x:\n    a = 1", "b = 1"),
        "c = 3; b = 1\n",
        1,
        "does not fit in this place any more",
    ),
}


@pytest.mark.parametrize("name", NOT_REVERTED)
def test_does_not_revert(name):
    wish, text, line, why = NOT_REVERTED[name]
    with pytest.raises(CannotRevert) as refused:
        wish.revert(text)
    (problem,) = refused.value.problems
    assert problem.line == line
    assert why in problem.why
    assert problem.snippet == wish.old


def test_parentheses_that_the_user_took_off_are_not_missed():
    bound = edit("a", "b or c").bind("y = a and d\n")
    assert bound.wrapped
    assert bound.revert("y = b or c\n") == "y = a\n"


def test_additions():
    assert addition("a = 1", "b = 2") is None
    assert addition("a = 1", "a = 1") is None
    assert addition("a = 1", "b = 2\na = 1\nc = 3") is None
    assert addition("a = 1", "a = 1  # c\n\nb = 2\n") == Addition("b = 2", True, 1)
    assert addition("a = 1", "b = 2\na = 1") == Addition("b = 2", False, 0)


@pytest.mark.parametrize("code", ["", "# c", "a ="])
def test_what_is_no_code_is_a_mistake(code):
    with pytest.raises(ValueError, match="code"):
        edit("a = 1", code).holds("a = 1\n")


def test_describes_itself():
    assert edit("f(x)", "g(x)").describe() == "g(x)"
    assert WITH.describe() == "with lock(): ..."
