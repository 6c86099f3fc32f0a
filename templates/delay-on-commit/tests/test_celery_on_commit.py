"""Tasks are sent when the transaction commits, and not at all if it is rolled back."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from unittest import mock

from celery.contrib.django.task import DjangoTask
from django.db import transaction
from django.test import SimpleTestCase
from django.test import TestCase

app = import_module("[= module =]").[= app =]

PACKAGES = {
[% for package in packages %]
    "[= package =]",
[% endfor %]
}
[% if bases %]
# These have a base class of their own, so delay_on_commit is not there for them.
OTHERS = {
[% for name in bases %]
    "[= name =]",
[% endfor %]
}
[% endif %]


class RolledBackError(Exception):
    pass


@app.task(name="on_commit_probe")
def probe(value: int) -> int:
    return value


class TasksTests(SimpleTestCase):
    def test_every_task_can_be_sent_on_commit(self) -> None:
        app.loader.import_default_modules()
        own = {
            f"{task.__module__}.{task.__name__}": task
            for task in app.tasks.values()
            if hasattr(task, "__wrapped__")
            and task.__module__.partition(".")[0] in PACKAGES
        }
        missing = {
            name for name, task in own.items() if not isinstance(task, DjangoTask)
        }
        assert missing [= "<= OTHERS" if bases else "== set()" =]


class OnCommitTests(TestCase):
    def setUp(self) -> None:
        patcher = mock.patch.object(probe, "apply_async")
        self.sent = patcher.start()
        self.addCleanup(patcher.stop)

    def test_it_waits_for_the_commit(self) -> None:
        with self.captureOnCommitCallbacks() as callbacks, transaction.atomic():
            probe.delay_on_commit(1)
        self.sent.assert_not_called()
        assert len(callbacks) == 1
        callbacks[0]()
        self.sent.assert_called_once_with((1,), {})

    def test_it_is_not_sent_after_a_rollback(self) -> None:
        with (
            self.captureOnCommitCallbacks(execute=True) as callbacks,
            suppress(RolledBackError),
            transaction.atomic(),
        ):
            probe.delay_on_commit(1)
            raise RolledBackError
        assert callbacks == []
        self.sent.assert_not_called()

    def test_options_are_kept(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            probe.apply_async_on_commit((2,), countdown=3)
        self.sent.assert_called_once_with((2,), countdown=3)
