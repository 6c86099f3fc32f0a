"""Keeps events whose handlers fail, so that nothing is lost with them.

`capture` is middleware of the event bus. Every attempt to handle an event is a
transaction of its own. What still fails is stored, and the publisher goes on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import connections
from django.db import router
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from [= package =].decorators import has_to_succeed
from [= package =].decorators import is_atomic
from [= package =].models import DeadLetter
from [= package =].serialization import encode
from [= package =].serialization import path_of
from [= package =].serialization import printable

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

CAPTURE = f"{__name__}.capture"
STORE_TIMEOUT = 10


class Attempt(NamedTuple):
    """How one call of a handler went."""

    result: Any = None
    error: Exception | None = None
    # The work is done, and an error came from what was put off until the commit.
    committed: bool = False


class Caught:
    """Keeps the exception that ends its block, whatever its class, from going on."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return self.error is not None


def capture(event: Any, handler: Any, call_next: Callable[[], Any]) -> Any:
    """Call the handler, again if need be, and store the event if all fails.

    With `EVENT_BUS_PROPAGATE_ERRORS`, as in tests, errors reach the publisher.
    """
    propagate = getattr(settings, "EVENT_BUS_PROPAGATE_ERRORS", False)
    if propagate or has_to_succeed(handler):
        return call_next()
    atomic = is_atomic(handler) and not in_event_loop()
    limit = getattr(settings, "EVENT_BUS_MAX_ATTEMPTS", 3) if atomic else 1
    attempts = 0
    while True:
        attempts += 1
        attempt = call_once(call_next, atomic=atomic)
        if attempt.error is None:
            return attempt.result
        final = attempt.committed or is_time_limit(attempt.error)
        if final or attempts >= limit:
            break
        path = handler_path(handler)
        logger.warning("%s is called again", path, exc_info=attempt.error)
    store(event, handler, attempt.error, attempts, committed=attempt.committed)
    if is_time_limit(attempt.error):
        raise attempt.error
    return None


def call_once(call: Callable[[], Any], *, atomic: bool = True) -> Attempt:
    """Call it in a transaction of its own, or in a savepoint where there is one."""
    alias = database()
    committed: list[int] = []
    result = None
    block = transaction.atomic(using=alias) if atomic else nullcontext()
    with Caught() as caught, block:
        if atomic:
            # First of all, so before anything that may fail after the commit.
            transaction.on_commit(partial(committed.append, 1), using=alias)
        result = call()
    return Attempt(result, caught.error, bool(committed))


def database() -> str:
    """Name the database that dead letters are in."""
    return router.db_for_write(DeadLetter)


def in_event_loop() -> bool:
    """Is this async code, where Django allows no queries?"""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def is_time_limit(error: Exception) -> bool:
    """Does Celery end the task? Then there is no time left for another attempt."""
    kinds = type(error).__mro__
    return any(kind.__name__ == "SoftTimeLimitExceeded" for kind in kinds)


def handler_path(handler: Any) -> str:
    """Name a function, method, partial or callable object by its dotted path."""
    if isinstance(handler, partial):
        return handler_path(handler.func)
    named = handler if hasattr(handler, "__qualname__") else type(handler)
    return f"{named.__module__}.{named.__qualname__}"


def store(
    event: Any,
    handler: Any,
    error: Exception,
    attempts: int,
    *,
    committed: bool = False,
) -> None:
    """Store what is needed to handle the event again.

    Raises the error of the handler if that is impossible, so that it is not lost.
    """
    encoded = encode(event)
    alias = database()
    key = {
        "event_id": str(getattr(event, "event_id", "") or uuid4().hex)[:100],
        "handler": handler_path(handler),
    }
    values = {
        "event_type": encoded.event_type,
        "payload": encoded.payload,
        "replayable": encoded.replayable and not committed,
        "in_transaction": in_transaction(alias),
        "correlation_id": str(getattr(event, "correlation_id", "") or "")[:255],
        **error_values(error),
    }
    if committed:
        why = "failed after the handler had committed its work"
        values["error_message"] = f"{why}: {values['error_message']}"
    with Caught() as caught:
        save = partial(_save, alias, key, values, attempts)
        if _needs_own_connection(alias):
            _in_thread(alias, save)
        else:
            save()
    if caught.error is not None:
        lost = json.dumps({**key, **values})
        failure = caught.error
        logger.critical("A dead letter was not stored: %s", lost, exc_info=failure)
        raise error from failure
    logger.error("%(handler)s failed on event %(event_id)s", key, exc_info=error)


def error_values(error: Exception) -> dict[str, Any]:
    """Describe an error in the fields of a dead letter."""
    return {
        "error_type": path_of(type(error))[:255],
        "error_message": printable(_message(error)),
        "traceback": printable("".join(traceback.format_exception(error))),
    }


def in_transaction(alias: str) -> bool:
    """Are we in a transaction that may be rolled back? That of a test is none."""
    connection = connections[alias]
    blocks = connection.atomic_blocks
    if not blocks:
        return connection.connection is not None and not connection.autocommit
    return any(not _is_of_test(block) for block in blocks)


def _message(error: Exception) -> str:
    with Caught():
        return str(error)
    return ""


def _is_of_test(block: Any) -> bool:
    return bool(getattr(block, "_from_testcase", False))


def _needs_own_connection(alias: str) -> bool:
    connection = connections[alias]
    if any(_is_of_test(block) for block in connection.atomic_blocks):
        return False
    if in_event_loop():
        return True
    # A second writer would wait for the first one, which is this very thread.
    return connection.vendor != "sqlite" and in_transaction(alias)


def _in_thread(alias: str, save: Callable[[], None]) -> None:
    """Save on the connection of another thread, so that no rollback takes it back."""

    def run() -> None:
        try:
            save()
        finally:
            connections[alias].close()

    executor = ThreadPoolExecutor(max_workers=1)
    try:
        executor.submit(run).result(timeout=STORE_TIMEOUT)
    finally:
        executor.shutdown(wait=False)


def _save(
    alias: str,
    key: dict[str, str],
    values: dict[str, Any],
    attempts: int,
) -> None:
    now = timezone.now()
    letters = DeadLetter.objects.using(alias)
    with transaction.atomic(using=alias):
        first = {"failed_at": now, "last_failed_at": now, "attempts": attempts}
        letter, created = letters.get_or_create(**key, defaults={**values, **first})
        if not created:
            letters.filter(pk=letter.pk).update(
                **values,
                attempts=F("attempts") + attempts,
                last_failed_at=now,
                reprocessed_at=None,
            )
