"""Correlation ids in Celery tasks, those that run eagerly included."""

from __future__ import annotations

from typing import Any
from typing import ClassVar

from celery.signals import task_postrun
from celery.signals import task_prerun
from django_guid.context import guid
from django_guid.integrations.celery import CeleryIntegration


class EagerSafeCeleryIntegration(CeleryIntegration):
    """A task that runs eagerly has the id of its caller, and leaves it as it was.

    django-guid makes a new id for it, and none is left afterwards for the request.
    """

    callers: ClassVar[dict[str, Any]] = {}

    def setup(self) -> None:
        """Connect around the signals of django-guid, which are called in order."""
        task_prerun.connect(remember)
        super().setup()
        task_prerun.connect(inherit)
        task_postrun.connect(give_back)


def remember(task: Any, task_id: str, **_kwargs: Any) -> None:
    """Before django-guid: keep the id of the caller."""
    if task.request.is_eager:
        EagerSafeCeleryIntegration.callers[task_id] = guid.get()


def inherit(task: Any, task_id: str, **_kwargs: Any) -> None:
    """After django-guid: use it, if there is one."""
    caller = EagerSafeCeleryIntegration.callers.get(task_id)
    if task.request.is_eager and caller:
        guid.set(caller)


def give_back(task: Any, task_id: str, **_kwargs: Any) -> None:
    """Leave the id of the caller behind."""
    if task.request.is_eager:
        guid.set(EagerSafeCeleryIntegration.callers.pop(task_id, None))
