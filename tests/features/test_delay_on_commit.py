"""delay-on-commit: which calls wait for the commit, which stay and why, and what goes with them."""

from __future__ import annotations

import pytest

from djroadmap.features.delay_on_commit import FEATURE, reasons as why
from djroadmap.features.delay_on_commit.sites import Site, sites
from djroadmap.model.feature import NoOptions

from .small import SMALL, Files, applied, project, pyproject

APP = (
    'import os\n\nfrom celery import Celery\n\nos.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n\n'
    'app = Celery("shop")\napp.config_from_object("django.conf:settings")\n'
)
TASKS = (
    "from celery import current_app, shared_task\nimport celery\n\nfrom shop.celery import app\n\nOPTIONS = {'queue': 'x'}\n\n\n"
    "@shared_task\ndef send(pk):\n    return pk\n\n\n@app.task(bind=True)\ndef bound(self, pk):\n    return pk\n\n\n"
    "@celery.shared_task(queue='x')\n@other\ndef dotted(pk):\n    return pk\n\n\n@current_app.task(**OPTIONS)\ndef options():\n    pass\n\n\n"
    "@shared_task(base=Own)\ndef based(pk):\n    return pk\n\n\n@other\n@shared_task\ndef wrapped(pk):\n    return pk\n\n\n"
    "@shared_task(**more)\ndef unknown(pk):\n    return pk\n\n\ndef plain(pk):\n    return pk\n\n\nalias = send\n"
    "either = send if x else plain\n"
)
CELERY: Files = {
    **SMALL,
    **pyproject("pytest", "pytest-django"),
    "shop/__init__.py": 'from .celery import app as celery_app\n\n__all__ = ("celery_app",)\n',
    "shop/celery.py": APP,
    "shop/tasks.py": TASKS,
}
HEAD = (
    "import contextlib\nimport functools\nfrom functools import partial\n\nfrom django.db import connection, transaction\n"
    "from django.db.transaction import atomic, on_commit\n\nfrom .tasks import alias, based, bound, dotted, either, options\n"
    "from .tasks import plain, send, unknown, wrapped\n\n\n"
)


def with_views(code: str, *, head: str = HEAD, path: str = "shop/views.py", **more: str) -> Files:
    return {**CELERY, path: head + code, **more}


def view(body: str) -> str:
    rows = "".join(f"    {row}\n" if row else "\n" for row in body.split("\n"))
    return f"def view(request, order):\n{rows}"


def one(files: Files, path: str = "shop/views.py") -> Site:
    (found,) = [site for site in sites(project(files)) if site.path == path]
    return found


def after(files: Files, path: str = "shop/views.py") -> str:
    return str(applied(FEATURE.plan(project(files), NoOptions()), files)[path])


CONVERTED = [
    "send.delay(order.pk)",
    "bound.apply_async((order.pk,), countdown=3)",
    "dotted.delay(order.pk)",
    "options.delay()",
    "alias.delay(order.pk)",
    "if order:\n    send.delay(order.pk)",
    f"send.delay(one_of_{'a' * 30} for one_of_{'a' * 30} in x)",
    f"order.save(); transaction.on_commit(lambda: send.delay({'a' * 30}, {'b' * 50}))",
    "rows = list(Order.objects.filter(x=1))\nsend.delay(rows, instance.pk)",
    "pk = order.pk\norder.delete()\nsend.delay(pk)",
    "send.delay(order.pk)\norder.lines.filter(x=1).delete()",
    "for pk in order:\n    send.delay(pk)",
    "with transaction.atomic():\n    send.delay(order.pk)",
    "with atomic(savepoint=False), open('x') as file:\n    send.delay(order.pk)",
    "try:\n    order.save()\nexcept ValueError:\n    return\nelse:\n    send.delay(order.pk)",
    "try:\n    send.delay(order.pk)\nfinally:\n    order.close()",
    "match order:\n    case 1:\n        send.delay(order.pk)",
    "def inner():\n    send.delay(order.pk)\n\nreturn inner",
    "from shop.tasks import send as other\n\nother.delay(order.pk)",
    "from shop import tasks\n\ntasks.send.delay(order.pk)",
    "import shop.tasks\n\nshop.tasks.send.delay(order.pk)",
    "from . import tasks as them\n\nthem.send.delay(order.pk)",
    "items = [order.pk]\nsend.delay(items)\nother.append(1)",
    "on_commit(lambda: send.delay(order.pk))",
    "transaction.on_commit(lambda: send.delay([order.pk, str(order.uuid)], a={'b': order.pk}, *order.more))",
    "transaction.on_commit(functools.partial(send.delay, make(order), a=[x for x in order]))",
    "transaction.on_commit(partial(send.apply_async, args=(1,)))",
    "transaction.on_commit(send.delay)",
    "def later():\n    send.delay(order.pk)\n\ntransaction.on_commit(later)",
    "order.save()\non_commit(lambda: send.delay(order.pk))\nreturn render(request, order)",
    "try:\n    on_commit(lambda: send.delay(order.pk))\nexcept ValueError:\n    pass",
]


@pytest.mark.parametrize("body", CONVERTED)
def test_it_waits_for_the_commit(body: str) -> None:
    files = with_views(view(body))
    assert one(files).reason is None
    text = after(files)
    assert "_on_commit(" in text
    assert ".delay(" not in text
    assert ".apply_async(" not in text
    assert "on_commit(lambda" not in text


LEFT = [
    (why.RESULT, "result = send.delay(order.pk)"),
    (why.RESULT, "return send.delay(order.pk)"),
    (why.RESULT, "send.delay(order.pk).get()"),
    (why.RESULT, "found = [send.delay(pk) for pk in order]"),
    (why.RESULT, "if send.delay(order.pk): return 1"),
    (why.RESULT, "order and send.delay(order.pk)"),
    (why.RESULT, "call(lambda: send.delay(order.pk))"),
    (why.HANDED, "list(map(send.delay, order))"),
    (why.HANDED, "sender = partial(send.delay, order.pk)"),
    (why.SIGNATURE, "send.s(order.pk).delay()"),
    (why.SIGNATURE, "(send.s(1) | send.s()).apply_async()"),
    (why.SIGNATURE, "chord([send.s(1)])(send.s()).apply_async()"),
    (why.UNKNOWN, "queue.delay(1)"),
    (why.UNKNOWN, "plain.delay(1)"),
    (why.UNKNOWN, "either.delay(1)"),
    (why.UNKNOWN, "wrapped.delay(1)"),
    (why.UNKNOWN, "self.send.delay(1)"),
    (why.UNKNOWN, "send = order\nsend.delay(1)"),
    (why.UNKNOWN, "for send in order:\n    send.delay(1)"),
    (why.UNKNOWN, "with order as send:\n    send.delay(1)"),
    (
        why.UNKNOWN,
        "if order:\n    from .tasks import send\nelse:\n    from .fakes import send\nsend.delay(1)",
    ),
    (why.UNKNOWN, "from .gone import send\n\nsend.delay(1)"),
    (why.TRY, "try:\n    send.delay(order.pk)\nexcept OSError:\n    pass"),
    (why.TRY, "try:\n    if order:\n        send.delay(order.pk)\nexcept OSError:\n    pass"),
    (why.FAILURE, "try:\n    order.save()\nexcept OSError:\n    send.delay(order.pk)"),
    (why.FAILURE, "try:\n    order.save()\nfinally:\n    send.delay(order.pk)"),
    (why.FAILURE, "send.delay(order.pk)\nraise ValueError"),
    (why.FAILURE, "if order:\n    send.delay(order.pk)\nraise ValueError"),
    (why.FAILURE, "send.delay(order.pk)\ntransaction.set_rollback(True)"),
    (why.SUPPRESS, "with contextlib.suppress(OSError):\n    send.delay(order.pk)"),
    (why.CONTEXT, "with tenant(order):\n    send.delay(order.pk)"),
    (why.DATABASE, "with transaction.atomic(using='other'):\n    send.delay(order.pk)"),
    (why.DATABASE, "with atomic('other'):\n    send.delay(order.pk)"),
    (why.CHANGED, "items = [1]\nsend.delay(items)\nitems.append(2)"),
    (why.CHANGED, "data = {}\nsend.delay(a=data)\ndata['x'] = 1"),
    (why.CHANGED, "items = []\nfor x in order:\n    items.append(x)\n    send.delay(items)"),
    (why.CHANGED, "send.delay({'a': order.data})\norder.data.update(b=1)"),
    (why.CHANGED, "total = [1]\nsend.delay(*[total])\ntotal += [2]"),
    (why.OBJECT, "send.apply_async(kwargs={'order': instance})"),
    (why.OBJECT, "send.delay(self)"),
    (why.OBJECT, "rows = Order.objects.filter(x=1)\nsend.delay(rows)"),
    (why.DELETED, "send.delay(order.pk)\norder.delete()"),
    (why.DELETED, "for x in order:\n    x.delete()\n    send.delay(x.pk)"),
    (why.CONNECTION, "send.apply_async((1,), producer=producer)"),
    (why.LATE, "on_commit(lambda: send.delay(order.pk))\norder = other"),
    (why.LATE, "for x in order:\n    on_commit(lambda: send.delay(x.pk))"),
    (why.LATE, "on_commit(lambda: send.delay(order.pk))\norder.save()"),
    (why.LATE, "on_commit(lambda: send.delay(order.pk))\nOrder.objects.bulk_create([order])"),
    (why.LATE, "on_commit(lambda: send.delay(order.pk))\nsuper().save(order)"),
    (why.LATE, "on_commit(lambda: send.delay(order.name))\nrename(order)"),
    (why.LATE, "on_commit(lambda: send.delay(order.name))\norder.name = 1"),
    (why.LATE, "def later():\n    send.delay(order.pk)\n\non_commit(later)\norder.save()"),
    (why.LATE, "x = 1\n\ndef inner():\n    on_commit(lambda: send.delay(x))\n\nx = 2"),
    (why.SHAPE, "on_commit(lambda: send.delay(make(order)))"),
    (why.SHAPE, "on_commit(lambda: send.delay(order[0]))"),
    (why.ALREADY, "on_commit(lambda x=order: send.delay(x.pk))"),
    (why.ALREADY, "on_commit(lambda: send.delay(order.pk), using='other')"),
    (why.ALREADY, "on_commit(lambda: send.delay(order.pk), robust=True)"),
    (why.ALREADY, "connection.on_commit(lambda: send.delay(order.pk))"),
    (why.ALREADY, "def later():\n    order.log()\n    send.delay(order.pk)\n\non_commit(later)"),
    (why.ALREADY, "def later():\n    send.delay(order.pk)\n\nother(later)\non_commit(later)"),
    (why.ALREADY, "@transaction.on_commit\ndef later():\n    send.delay(order.pk)"),
    (why.COMMENT, "on_commit(\n    # as soon as it is there\n    lambda: send.delay(order.pk)\n)"),
    (
        why.IMPORTED,
        "from django.db import transaction\n\ntransaction.on_commit(lambda: send.delay(order.pk))",
    ),
]


@pytest.mark.parametrize(("reason", "body"), LEFT)
def test_it_stays(reason: why.Reason, body: str) -> None:
    files = with_views(view(body))
    assert one(files).reason == reason
    assert after(files) == files["shop/views.py"]


WHOLE = [
    (why.MODULE, "send.delay(1)\n"),
    (why.MODULE, "class A:\n    send.delay(1)\n"),
    (why.ASYNC, "async def view():\n    send.delay(1)\n"),
    (why.ASYNC, "async def view():\n    def inner():\n        send.delay(1)\n"),
    (why.UNKNOWN, "def view(send):\n    send.delay(1)\n"),
    (why.UNKNOWN, "def view():\n    send.delay(1)\n\n\ndef other():\n    global send\n    send = 1\n"),
    (why.FAILURE, "class A:\n    def on_failure(self, exc):\n        send.delay(1)\n"),
    (why.FAILURE, "@receiver(got_request_exception)\ndef view():\n    send.delay(1)\n"),
    (why.OUTSIDE, "class A(AppConfig):\n    def ready(self):\n        send.delay(1)\n"),
    (
        why.OUTSIDE,
        "from celery.signals import worker_ready\n\n\n@worker_ready.connect\ndef view():\n    send.delay(1)\n",
    ),
    (why.DATABASE, "@atomic(using='other')\ndef view():\n    send.delay(1)\n"),
    (why.AUTOCOMMIT, "def view():\n    transaction.set_autocommit(False)\n    send.delay(1)\n"),
    (
        why.LATE,
        "@receiver(pre_save, sender=Order)\ndef saved(instance):\n    on_commit(lambda: send.delay(instance.pk))\n",
    ),
    (why.LATE, "class Order:\n    def clean(self):\n        on_commit(lambda: send.delay(self.pk))\n"),
    (
        why.LATE,
        "class Order:\n    def save(self):\n        on_commit(lambda: send.delay(self.pk))\n        super().save()\n",
    ),
    (why.CALLED, "def helper(pk):\n    send.delay(pk)\n\n\nasync def view():\n    helper(1)\n"),
    (
        why.WORKER,
        "from celery import shared_task\n\n\n@shared_task\ndef every():\n    send.delay(1)\n",
    ),
    (
        why.WORKER,
        "from celery import Task\n\n\nclass Base(Task):\n    pass\n\n\nclass Own(Base):\n    def run(self):\n        send.delay(1)\n",
    ),
    (
        why.WORKER,
        "from celery import shared_task\n\n\ndef helper():\n    send.delay(1)\n\n\n@shared_task\ndef every():\n    helper()\n",
    ),
    (
        why.ITSELF,
        "from celery import shared_task\n\n\n@shared_task\ndef again():\n    Order.objects.all()\n    again.delay()\n",
    ),
]


@pytest.mark.parametrize(("reason", "code"), WHOLE)
def test_where_it_is_decides(reason: why.Reason, code: str) -> None:
    files = with_views(code)
    assert one(files).reason == reason
    assert after(files) == files["shop/views.py"]


GOOD = [
    "class Order:\n    def save(self):\n        super().save()\n        on_commit(lambda: send.delay(self.pk))\n",
    "@receiver(post_save, sender=Order)\ndef saved(instance):\n    send.delay(instance.pk)\n",
    "from celery import shared_task\n\n\n@shared_task\ndef every():\n    Order.objects.all()\n    send.delay(1)\n",
    "from celery import shared_task\n\n\n@shared_task\n@transaction.atomic\ndef every():\n    send.delay(1)\n",
    "def helper(pk):\n    send.delay(pk)\n\n\nasync def view():\n    await sync_to_async(helper)(1)\n",
    "def view():\n    send.delay(1)\n\n\nclass A:\n    send = None\n",
]


@pytest.mark.parametrize("code", GOOD)
def test_where_there_may_be_a_transaction(code: str) -> None:
    files = with_views(code)
    assert one(files).reason is None
    assert "send.delay_on_commit(" in after(files)


@pytest.mark.parametrize(
    ("reason", "path", "code"),
    [
        (why.COMMAND, "shop/management/commands/go.py", view("send.delay(1)")),
        (None, "shop/management/commands/go.py", "@atomic\n" + view("send.delay(1)")),
        (None, "shop/management/commands/go.py", view("with atomic():\n    send.delay(1)")),
        (why.MIGRATION, "shop/migrations/0001_initial.py", view("send.delay(1)")),
        (why.TEST, "shop/tests/test_it.py", view("send.delay(1)")),
        (why.TEST, "shop/order_test.py", view("send.delay(1)")),
        (why.TEST, "shop/conftest.py", view("send.delay(1)")),
    ],
)
def test_the_file_decides(reason: why.Reason | None, path: str, code: str) -> None:
    head = HEAD.replace("from .tasks", "from shop.tasks")
    files = with_views(code, head=head, path=path, **{"shop/management/commands/__init__.py": ""})
    assert one(files, path).reason == reason


@pytest.mark.parametrize(
    ("test", "direct", "waiting"),
    [
        ("@patch('shop.tasks.send.delay')\ndef test(): pass\n", True, False),
        ("@patch('shop.views.send.delay')\ndef test(): pass\n", True, False),
        ("@patch.object(send, 'delay')\ndef test(): pass\n", True, False),
        ("def test(monkeypatch):\n    monkeypatch.setattr(tasks.send, 'delay', 1)\n", True, False),
        ("@patch('shop.views.send')\ndef test(m):\n    m.delay.assert_called_once()\n", True, True),
        ("@patch('shop.views.send')\ndef test(m):\n    view()  # delay\n", False, False),
        ("@patch('shop.other.send')\ndef test(m):\n    m.delay.assert_called_once()\n", False, False),
        ("@patch('shop.tasks.bound.delay')\ndef test(): pass\n", False, False),
        ("def test():\n    send.delay(1)\n", False, False),
    ],
)
def test_tasks_that_tests_assert_on(test: str, direct: bool, waiting: bool) -> None:
    other = {"shop/other.py": "def send():\n    pass\n", "shop/tests/test_it.py": test}
    plain = with_views(view("send.delay(1)"), **other)
    assert (one(plain).reason == why.MOCKED) is direct
    assert one(plain).detail.startswith("shop/tests/test_it.py:") is direct
    deferred = with_views(view("on_commit(lambda: send.delay(1))"), **other)
    assert (one(deferred).reason == why.MOCKED) is waiting


def test_based_and_unknown_tasks_have_their_own_reasons() -> None:
    assert "base class" in str(one(with_views(view("based.delay(1)"))).reason)
    assert "cannot be read" in str(one(with_views(view("unknown.delay(1)"))).reason)


def test_what_is_passed_on_by_other_modules_is_followed() -> None:
    files = with_views(
        view("send.delay(1)"),
        head="from shop.jobs import send\n\n\n",
        **{
            "shop/jobs/__init__.py": "from .mail import sender as send\n",
            "shop/jobs/mail.py": "from shop import tasks\n\nsender = tasks.send\n",
        },
    )
    assert one(files).reason is None
    files["shop/jobs/__init__.py"] = "from .mail import *\n"
    assert one(files).reason == why.UNKNOWN
    files["shop/jobs/__init__.py"] = "from . import send\n"
    assert one(files).reason == why.UNKNOWN


def test_imports_that_nothing_uses_go() -> None:
    head = "from functools import partial\n\nfrom django.db import models, transaction\n\nfrom .tasks import send\n\n\n"
    files = with_views(view("transaction.on_commit(partial(send.delay, order.pk))"), head=head)
    assert after(files).startswith("from django.db import models\n\nfrom .tasks import send\n\n\ndef view")
    used = with_views(view("transaction.on_commit(partial(send.delay, order.pk))\npartial(x)"), head=head)
    assert after(used).startswith("from functools import partial\n\nfrom django.db import models\n")


def test_one_of_several_equal_calls() -> None:
    body = "send.delay(1)\ntry:\n    send.delay(1)\nexcept OSError:\n    send.delay(1)\nsend.delay(1)"
    text = after(with_views(view(body)))
    assert [row.strip() for row in text.splitlines() if "send.delay" in row and "(" in row] == [
        "send.delay_on_commit(1)",
        "send.delay(1)",
        "send.delay(1)",
        "send.delay_on_commit(1)",
    ]


def test_the_report_names_every_place() -> None:
    files = with_views(
        view("x = send.delay(1)\ntry:\n    send.delay(2)\nexcept OSError:\n    pass\nsend.delay(3)")
    )
    files["shop/settings.py"] = str(files["shop/settings.py"]) + "CELERY_TASK_ALWAYS_EAGER = True\n"
    plan = FEATURE.plan(project(files), NoOptions())
    line = HEAD.count("\n") + 2
    assert plan.notes == (f"left alone, since its result is used: shop/views.py:{line}",)
    assert [todo.snippet for todo in plan.todos if "broker" in todo.text] == [
        f"shop/views.py:{line + 2}: send.delay"
    ]
    last = str(files["shop/settings.py"]).count("\n")
    assert [todo.snippet for todo in plan.todos if "eagerly" in todo.text] == [f"shop/settings.py:{last}"]


def test_many_tests_are_only_counted() -> None:
    more = {
        f"shop/tests/test_{n}.py": "def test():\n    send.delay(1)\n    send.delay(1)\n" for n in range(6)
    }
    plan = FEATURE.plan(project({**CELERY, **more}), NoOptions())
    assert plan.notes == ("left alone, since it is in a test: 12 places in 6 files",)


@pytest.mark.parametrize(
    ("app", "reason"),
    [
        ("", "no Celery application"),
        (APP.replace('Celery("shop")', 'Celery("shop", task_cls="shop.tasks:Own")'), "class of its own"),
        (APP + "app.Task = Own\n", "class of its own"),
        (
            "import os\n\nfrom celery import Celery\n\napp = Celery()\nos.environ['DJANGO_SETTINGS_MODULE'] = 'x'\n",
            "before it names Django's settings",
        ),
    ],
)
def test_where_it_does_not_apply(app: str, reason: str) -> None:
    found = FEATURE.supports(project({**CELERY, "shop/celery.py": app}))
    assert reason in str(found)
    assert FEATURE.supports(project(CELERY)) is None


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ('"celery==5.2.7"', '"celery==5.4.0"'),
        ('"celery[redis]>=5.3,<6"', '"celery[redis]>=5.4,<6"'),
        ('"celery"', '"celery"'),
        ('"celery>=5.5"', '"celery>=5.5"'),
    ],
)
def test_the_oldest_celery(before: str, then: str) -> None:
    text = str(CELERY["pyproject.toml"]).replace('"django==5.2"', f'"django==5.2", {before}')
    files = {**CELERY, "pyproject.toml": text}
    assert FEATURE.supports(project(files)) is None
    assert then in after(files, "pyproject.toml")
    commands = FEATURE.plan(project(files), NoOptions()).commands
    assert bool(commands) is (before != then)


def test_a_celery_that_is_excluded() -> None:
    text = str(CELERY["pyproject.toml"]).replace('"django==5.2"', '"django==5.2", "celery>=5.2,<5.4"')
    assert "Celery 5.4" in str(FEATURE.supports(project({**CELERY, "pyproject.toml": text})))


def test_a_compiled_celery_is_a_todo() -> None:
    files = {path: text for path, text in CELERY.items() if path != "pyproject.toml"}
    files["requirements.txt"] = (
        "celery==5.2.7 \\\n    --hash=sha256:1234567890\ndjango==5.2 --hash=sha256:12\n"
    )
    plan = FEATURE.plan(project(files), NoOptions())
    assert [todo.snippet for todo in plan.todos if "5.4" in todo.text] == ["celery>=5.4"]
    assert not any(edit.kind == "version-floor" for edit in plan.edits)


def test_presence_and_growth() -> None:
    files = with_views(view("send.delay(1)"))
    assert FEATURE.presence is not None
    assert FEATURE.growth is not None
    found = FEATURE.presence(project(files))
    assert found is not None
    assert not found.found
    then = {
        path: str(text) for path, text in applied(FEATURE.plan(project(files), NoOptions()), files).items()
    }
    found = FEATURE.presence(project(then))
    assert found is not None
    assert found.found
    assert not found.missing
    assert FEATURE.growth(project(then), NoOptions()) is None
    then["shop/more.py"] = "from .tasks import send\n\n\ndef f():\n    send.delay(1)\n"
    growth = FEATURE.growth(project(then), NoOptions())
    assert growth is not None
    assert [(one.path, one.what) for one in growth.missing] == [
        ("shop/more.py", "line 5: send.delay does not wait for the transaction to commit")
    ]
    assert [edit.kind for edit in growth.plan().edits] == ["call"]
    shorter = FEATURE.presence(project(with_test(then, "    transaction.on_commit(send.delay)\n")))
    assert shorter is not None
    assert "has a shorter form" in shorter.missing[0].what


def with_test(files: dict[str, str], body: str) -> Files:
    head = "from django.db import transaction\n\nfrom .tasks import send\n\n\n"
    return {**files, "shop/more.py": f"{head}def f():\n{body}"}


def test_the_test_knows_tasks_with_a_base() -> None:
    files = dict(CELERY)
    text = str(after(files, "shop/tests/test_celery_on_commit.py"))
    assert '    "shop.tasks.based",\n' in text
    compile(text, "test", "exec")
    del files["shop/tasks.py"]
    text = str(after(files, "shop/tests/test_celery_on_commit.py"))
    assert "assert missing == set()" in text
    compile(text, "test", "exec")


@pytest.mark.parametrize(
    ("tools", "command"),
    [
        (("pytest",), "pytest shop/tests/test_celery_on_commit.py"),
        ((), "python manage.py test shop.tests.test_celery_on_commit"),
    ],
)
def test_checks_run_the_added_tests(tools: tuple[str, ...], command: str) -> None:
    files = {**CELERY, **pyproject(*tools)}
    assert [str(check) for check in FEATURE.checks(project(files), NoOptions())] == [command]


def test_files_that_cannot_be_read_are_left() -> None:
    files = with_views("def broken(:\n    send.delay(1)\n")
    files["shop/odd.py"] = b"x.delay(1)  # \xff\n"
    assert not [site for site in sites(project(files)) if site.reason is None]
