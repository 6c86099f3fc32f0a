"""Hands dead letters to the handlers that failed on them, each of them once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

from django.apps import apps
from django.db import connections
from django.db.models import F
from django.utils import timezone

from [= bus =] import event_bus
from [= package =].dead_letter import CAPTURE
from [= package =].dead_letter import call_once
from [= package =].dead_letter import database
from [= package =].dead_letter import error_values
from [= package =].dead_letter import handler_path
from [= package =].decorators import is_atomic
from [= package =].dispatch import dispatch
from [= package =].models import DeadLetter
from [= package =].serialization import UndecodableError
from [= package =].serialization import decode

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator

logger = logging.getLogger(__name__)

DONE, SKIPPED, FAILED = "done", "skipped", "failed"


class Outcome(NamedTuple):
    """What became of a dead letter: done, skipped or failed, and why."""

    result: str
    why: str = ""


class NoHandlerError(LookupError):
    """The handler is not there any more, or there are several of that name."""


def open_letters() -> Any:
    """All dead letters that nobody has seen to, the oldest first."""
    letters = DeadLetter.objects.using(database())
    return letters.filter(reprocessed_at=None).order_by("pk")


def reprocess(pk: int) -> Outcome:
    """Call the handler that failed, and no other, with the event it failed on.

    What it does and the mark that it is done are one transaction, so two people, or
    two workers, never handle a dead letter twice.
    """
    letter = open_letters().filter(pk=pk).first()
    if letter is None:
        return Outcome(SKIPPED, "it is done already, or gone")
    if not letter.replayable:
        return Outcome(FAILED, "it cannot be replayed: see to it by hand, then resolve")
    try:
        event = decode(letter.event_type, letter.payload)
        handler = find_handler(event, letter.handler)
    except (NoHandlerError, UndecodableError) as error:
        return Outcome(FAILED, str(error))
    call = partial(dispatch, handler, event, exclude=[CAPTURE])
    return _claimed(pk, call, atomic=is_atomic(handler))


def resolve(pk: int) -> Outcome:
    """Mark a dead letter as done without calling its handler."""
    if _claim(pk):
        return Outcome(DONE)
    return Outcome(SKIPPED, "it is done already, or gone")


def find_handler(event: Any, path: str) -> Any:
    """Find the subscriber of that path, or else import it from an installed app.

    Raises `NoHandlerError`.
    """
    found = {id(one): one for one in _subscribers(event) if handler_path(one) == path}
    if len(found) > 1:
        message = f"{len(found)} subscribers are called {path}"
        raise NoHandlerError(message)
    handler = next(iter(found.values()), None) or _imported(path)
    if handler is None:
        message = f"there is no handler {path}"
        raise NoHandlerError(message)
    return handler


def _claimed(pk: int, call: Callable[[], Any], *, atomic: bool) -> Outcome:
    def claim_and_call() -> bool:
        if not _claim(pk):
            return False
        call()
        return True

    attempt = call_once(claim_and_call, atomic=atomic)
    if attempt.error is None:
        return Outcome(DONE if attempt.result else SKIPPED)
    logger.error("Reprocessing dead letter %s failed", pk, exc_info=attempt.error)
    if attempt.committed:
        return Outcome(DONE, "but there was an error after the commit")
    values = error_values(attempt.error)
    # The rollback has undone the claim; somebody else may have made one since.
    letters = open_letters() if atomic else DeadLetter.objects.using(database())
    letters.filter(pk=pk).update(
        **values,
        attempts=F("attempts") + 1,
        last_failed_at=timezone.now(),
        reprocessed_at=None,
    )
    return Outcome(FAILED, values["error_message"] or values["error_type"])


def _claim(pk: int) -> bool:
    letters = open_letters().filter(pk=pk)
    connection = connections[database()]
    if connection.in_atomic_block and connection.features.has_select_for_update:
        skip = connection.features.has_select_for_update_skip_locked
        if letters.select_for_update(skip_locked=skip).first() is None:
            return False
    return bool(letters.update(reprocessed_at=timezone.now()))


def _subscribers(event: Any) -> Iterator[Any]:
    for value in vars(event_bus).values():
        if isinstance(value, Mapping):
            yield from value.get(type(event), ())


def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    if apps.get_containing_app_config(module) is None:
        return None
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:
        return None
    return found if callable(found) else None
