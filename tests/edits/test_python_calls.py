"""Calls by another name: in one function, counted, wrapped or not, and back."""

from __future__ import annotations

import pytest

from djroadmap.edits import CallSwap
from djroadmap.errors import CannotRevert, Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

EDIT = CallSwap(path="views.py", scope="place", old="send.delay", new="send.delay_on_commit")
LATER = CallSwap(path="views.py", scope="place", old="t.send.apply_async", new="t.send.apply_async_on_commit")
BODIES = {
    "send.delay(order.pk)": "send.delay_on_commit(order.pk)",
    "send.delay()  # now": "send.delay_on_commit()  # now",
    "send.delay(\n        order.pk,  # it\n        *more,\n    )": "send.delay_on_commit(\n        order.pk,  # it\n        *more,\n    )",
    "transaction.on_commit(lambda: send.delay(order.pk))": "send.delay_on_commit(order.pk)",
    "on_commit(lambda: send.delay(order.pk, kind='x', **more))": "send.delay_on_commit(order.pk, kind='x', **more)",
    "transaction.on_commit(send.delay)": "send.delay_on_commit()",
    "transaction.on_commit(partial(send.delay))": "send.delay_on_commit()",
    "transaction.on_commit(\n        functools.partial(send.delay, order.pk, a=1),\n    )": "send.delay_on_commit(order.pk, a=1)",
    "transaction.on_commit(lambda: send.delay((a), b=(c)))": "send.delay_on_commit((a), b=(c))",
    "def later():\n        send.delay(order.pk)\n\n    transaction.on_commit(later)": "send.delay_on_commit(order.pk)",
    "transaction.on_commit(\n        lambda: send.delay(\n            {\n                'a': 1,\n            },\n        )\n    )": (
        "send.delay_on_commit(\n        {\n            'a': 1,\n        },\n    )"
    ),
    f"send.delay({'a' * 30}, {'b' * 28})": f"send.delay_on_commit(\n        {'a' * 30}, {'b' * 28}\n    )",
    f"send.delay(x={'a' * 30}, y={'b' * 26})": f"send.delay_on_commit(\n        x={'a' * 30}, y={'b' * 26}\n    )",
    f"def f():\n        send.delay({'a' * 40}, {'b' * 40})\n\n    on_commit(f)": (
        f"send.delay_on_commit(\n        {'a' * 40},\n        {'b' * 40},\n    )"
    ),
}


def function(body: str) -> str:
    return f'"""Döc."""\n\n\ndef place(order):\n    order.save()\n    {body}\n    return order\n'


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("body", BODIES)
def test_the_call_is_made_by_another_name(body: str, ending: str) -> None:
    edit = EDIT.with_(width=80)
    text = function(body).replace("\n", ending)
    assert assert_laws(edit, text) == function(BODIES[body]).replace("\n", ending)


def test_long_lines_stay_where_nobody_minds() -> None:
    body = f"send.delay({'a' * 70})"
    assert assert_laws(EDIT.with_(width=0), function(body)) == function(
        body.replace("delay", "delay_on_commit")
    )
    already = f"send.delay({'a' * 90})"
    assert assert_laws(EDIT, function(already)) == function(already.replace("delay", "delay_on_commit"))


TWICE = """\
class A:
    def place(self):
        send.delay(1)
        if self.x:
            send.delay(1)
        try:
            send.delay(1)
        except OSError:
            pass

    def other(self):
        send.delay(1)


class B:
    def place(self):
        send.delay(1)
"""


def test_equal_calls_are_told_apart() -> None:
    edit = EDIT.with_(scope="A.place", at=(0, 1), of=3)
    after = assert_laws(edit, TWICE)
    assert after is not None
    assert [number for number, row in enumerate(after.splitlines(), 1) if "_on_commit" in row] == [3, 5]
    assert_pair(edit, EDIT.with_(scope="B.place"), TWICE)
    assert_pair(edit, EDIT.with_(scope="A.other"), TWICE)
    apart = TWICE.replace("try:", "if 1:").replace("except OSError:", "else:")
    assert_pair(edit, EDIT.with_(scope="A.place", at=(2,), of=3), apart)


def test_two_callees_of_one_function() -> None:
    assert_pair(
        EDIT, LATER, function("send.delay(1)\n    transaction.on_commit(lambda: t.send.apply_async((2,)))")
    )


def test_what_the_owner_changed_since_stays() -> None:
    text = function("transaction.on_commit(lambda: send.delay(order.pk))")
    bound = EDIT.bind(text)
    after = bound.apply(text) or ""
    tuned = after.replace("(order.pk)", "(order.pk, 'x')").replace("    send", "    if order:\n        send")
    assert bound.kept(tuned)
    back = bound.revert(tuned) or ""
    assert "        transaction.on_commit(lambda: send.delay(order.pk, 'x'))" in back
    partial = EDIT.bind(function("on_commit(partial(send.delay, 1, a=2))"))
    assert "on_commit(partial(send.delay, 3, 4))" in str(
        partial.revert(function("send.delay_on_commit(3, 4)"))
    )
    assert "on_commit(partial(send.delay))" in str(partial.revert(function("send.delay_on_commit()")))


def test_arguments_find_no_place() -> None:
    bound = EDIT.bind(function("on_commit(send.delay)"))
    with pytest.raises(CannotRevert, match="without arguments"):
        bound.revert(function("send.delay_on_commit(1)"))


def test_calls_that_came_and_went() -> None:
    bound = EDIT.with_(at=(0, 1), of=2).bind(function("send.delay(1)\n    send.delay(2)"))
    one = function("send.delay_on_commit(2)")
    assert bound.kept(one)
    assert bound.revert(one) == function("send.delay(2)")
    gone = function("pass")
    assert bound.kept(gone)
    assert bound.revert(gone) == gone
    assert bound.kept(None)
    assert bound.revert(None) is None
    assert not bound.kept(function("send.delay(2)"))
    three = function("send.delay_on_commit(1)\n    send.delay_on_commit(2)\n    send.delay_on_commit(3)")
    with pytest.raises(CannotRevert, match="other calls"):
        bound.revert(three)
    later = function("send.delay_on_commit(1)\n    send.delay_on_commit(2)\n    x = send.delay(3)")
    assert bound.revert(later) == later.replace("_on_commit", "")


def test_what_the_owner_put_into_a_try_is_not_missing() -> None:
    bound = EDIT.bind(function("send.delay(1)"))
    tried = function("try:\n        send.delay(1)\n    except OSError:\n        pass")
    assert bound.kept(tried)
    assert not bound.holds(tried)
    assert bound.revert(tried) == tried
    for around in (
        "if order:",
        "with atomic():",
        "try:\n        pass\n    finally:\n        pass\n    if 1:",
    ):
        assert not bound.kept(function(f"{around}\n        send.delay(1)"))


def test_a_function_that_was_renamed_is_named() -> None:
    bound = EDIT.bind(function("send.delay(1)"))
    moved = function("send.delay_on_commit(1)").replace("def place", "def put")
    with pytest.raises(CannotRevert, match="it stays") as caught:
        bound.revert(moved)
    assert caught.value.problems[0].line == 6


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "no such file"),
        ("def place(:\n", "parsed"),
        (function("pass"), "1 times"),
        (function("send.delay(1)\n    send.delay(2)"), "1 times"),
        (function("x = send.delay(1)"), "1 times"),
        (function("on_commit(lambda x: send.delay(1))"), "1 times"),
        (function("on_commit(lambda: send.delay(1), using='x')"), "1 times"),
        (function("on_commit(\n  lambda: send.delay('''\n  x''')\n    )"), "several lines"),
        (function("on_commit(\nlambda: send.delay(1)\n    )"), "indented less"),
        (function("on_commit(\n        lambda: send.delay(1)   \n \n    )"), "white space"),
    ],
)
def test_refused(text: str | None, why: str) -> None:
    with pytest.raises(Unrecognised, match=why):
        EDIT.apply(EDIT.bind(text).apply(text))


def test_what_it_is_called() -> None:
    assert EDIT.describe() == "send.delay_on_commit in place()"
    assert EDIT.with_(scope="").describe() == "send.delay_on_commit in the module"


def test_a_record_that_cannot_be_read() -> None:
    bound = EDIT.with_(source=("nothing",))
    with pytest.raises(CannotRevert, match="record"):
        bound.revert(function("send.delay_on_commit(1)"))


def test_branches_of_a_match() -> None:
    text = function(
        "match order:\n        case 1:\n            send.delay(1)\n        case _:\n            other[0](1)"
    )
    assert "            send.delay_on_commit(1)" in str(assert_laws(EDIT, text))
