"""Tasks run under the correlation id of the request that sent them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from celery import Celery
from celery.signals import before_task_publish
from celery.signals import task_postrun
from celery.signals import task_prerun
from django.conf import settings
from django.test import SimpleTestCase
from django_guid.context import guid

SENT = uuid4().hex
HEADER = "X-Correlation-ID"

app = Celery(__name__, set_as_current=False)
app.conf.task_always_eager = True


@app.task
def current() -> Any:
    return guid.get()


@app.task
def outer() -> Any:
    return [guid.get(), current.delay().result, guid.get()]


@app.task
def fail() -> None:
    raise ValueError


def integration() -> Any:
    integrations: Any = settings.DJANGO_GUID["INTEGRATIONS"]
    return next(one for one in integrations if hasattr(one, "callers"))


class TaskTests(SimpleTestCase):
    def setUp(self) -> None:
        token = guid.set(SENT)
        self.addCleanup(guid.reset, token)

    def test_an_eager_task_has_the_id_and_gives_it_back(self) -> None:
        assert current.delay().get() == SENT
        assert guid.get() == SENT

    def test_tasks_in_tasks(self) -> None:
        assert outer.delay().get() == [SENT] * 3
        assert guid.get() == SENT

    def test_a_task_that_fails_gives_it_back(self) -> None:
        assert fail.delay().failed()
        assert guid.get() == SENT
        assert integration().callers == {}

    def test_an_eager_task_without_a_caller_has_an_id(self) -> None:
        token = guid.set(None)
        try:
            assert current.delay().get()
            assert guid.get() is None
        finally:
            guid.reset(token)

    def test_the_id_travels_in_the_headers(self) -> None:
        headers: dict[str, Any] = {}
        before_task_publish.send(sender="task", headers=headers)
        assert headers[HEADER] == SENT

    def test_the_worker_takes_it_from_there(self) -> None:
        guid.set(None)
        current.push_request(**{HEADER: SENT})
        try:
            task_prerun.send(sender=current, task=current, task_id="1")
            assert guid.get() == SENT
            task_postrun.send(sender=current, task=current, task_id="1")
            assert guid.get() is None
            assert integration().callers == {}
        finally:
            current.pop_request()
