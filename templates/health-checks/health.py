"""Answers to probes: /healthz/ (the process answers) and /readyz/ (what it needs does).

Load balancers and kubelets ask by IP address and over plain HTTP, so this middleware
comes before those that refuse unknown hosts and redirect to HTTPS.

Which check failed is told to those who send HEALTH_CHECK_TOKEN, and under DEBUG.
Pending migrations are not among the checks: while a deployment rolls out, old and new
code share a schema, and one of them would be taken out of service.
"""

from __future__ import annotations

import logging
from functools import partial
from threading import Lock
from threading import Thread
from time import monotonic
from time import sleep
from typing import TYPE_CHECKING
from typing import Any
from uuid import uuid4

from asgiref.sync import iscoroutinefunction
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.db import InterfaceError
from django.db import connections
from django.http import JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import sync_and_async_middleware
[% if celery %]

from [= celery_module =] import [= celery_app =]
[% endif %]

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

logger = logging.getLogger(__name__)

ALIVE = frozenset({"/healthz", "/healthz/"})
READY = frozenset({"/readyz", "/readyz/"})

# Seconds for all checks together. libpq takes 2 for the least time to connect.
TIMEOUT = 2
# Seconds for which an outcome stands: probes cost the same however many there are.
FRESH = 1
# Seconds after which a check that hangs is given up, and another one begun.
GIVEN_UP = 30
# Looks at the cache: where a replica is read from, it may lag behind.
LOOKS = 3


@sync_and_async_middleware
def health_checks(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Answer probes, whatever their host and scheme; pass all else on."""
    if iscoroutinefunction(get_response):

        async def answer_async(request: HttpRequest) -> Any:
            if request.path_info in READY:
                return await sync_to_async(ready, thread_sensitive=False)(request)
            if request.path_info in ALIVE:
                return alive(request)
            return await get_response(request)

        return answer_async

    def answer(request: HttpRequest) -> Any:
        if request.path_info in READY:
            return ready(request)
        if request.path_info in ALIVE:
            return alive(request)
        return get_response(request)

    return answer


class Answer(JsonResponse):
    """The answer to a probe, complete without any other middleware."""

    # Django would log every 503 as an error, and mail it to the admins.
    _has_been_logged = True

    def __init__(self, request: HttpRequest, data: dict[str, Any], status: int) -> None:
        headers = {"Cache-Control": "no-store"}
        if request.method not in {"GET", "HEAD"}:
            data, status = {"status": "method not allowed"}, 405
            headers["Allow"] = "GET, HEAD"
        super().__init__(data, status=status, headers=headers)
        self["Content-Length"] = str(len(self.content))
        if request.method == "HEAD":
            self.content = b""


def alive(request: HttpRequest) -> Answer:
    """The process answers, whatever else is down: restarting it would not help."""
    return Answer(request, {"status": "ok"}, status=200)


def ready(request: HttpRequest) -> Answer:
    """Would requests be served?"""
    if request.method not in {"GET", "HEAD"}:
        return alive(request)
    outcomes = readiness.ask()
    failed = any(outcome.error for outcome in outcomes.values())
    data: dict[str, Any] = {"status": "unavailable" if failed else "ok"}
    if may_see_more(request):
        data["checks"] = {name: vars(outcome) for name, outcome in outcomes.items()}
    return Answer(request, data, status=503 if failed else 200)


def may_see_more(request: HttpRequest) -> bool:
    """Does the request name the token? Without a token, nobody does."""
    if settings.DEBUG:
        return True
    token = getattr(settings, "HEALTH_CHECK_TOKEN", "")
    given = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(given, f"Bearer {token}")


def checks() -> dict[str, Callable[[], None]]:
    """What has to be there. Each raises an error if it is not."""
    return {
        "database": partial(check_database, "default"),
        "cache": partial(check_cache, "default"),
[% if celery %]
        "broker": check_broker,
[% endif %]
    }


def check_database(alias: str) -> None:
    """Connect, apart from the connections and the pool that requests use."""
    connection = connections[alias].copy()
    options = connection.settings_dict["OPTIONS"]
    options.pop("pool", None)
    if connection.vendor in {"postgresql", "mysql"}:
        options["connect_timeout"] = TIMEOUT
    connection.connect()
    # Django itself would leave a SQLite in memory open.
    try:
        if not connection.is_usable():
            raise InterfaceError
    finally:
        connection.connection.close()


def check_cache(alias: str) -> None:
    """Get what was set: some backends are silent about a server that is down."""
    cache = caches[alias]
    if isinstance(cache, DummyCache):
        return
    key = f"health-check-{uuid4().hex}"
    cache.set(key, key, timeout=GIVEN_UP)
    for _ in range(LOOKS):
        if cache.get(key) == key:
            return
        sleep(0.1)
    msg = "the cache does not hold what was set"
    raise ConnectionError(msg)
[% if celery %]


def check_broker() -> None:
    """Connect, once; where tasks run eagerly, there is nothing to connect to."""
    if [= celery_app =].conf.task_always_eager:
        return
    options = {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT}
    with [= celery_app =].connection_for_write(
        connect_timeout=TIMEOUT,
        transport_options=options,
    ) as connection:
        others = len(connection.alt)
        connection.ensure_connection(
            max_retries=others,
            interval_start=0,
            timeout=TIMEOUT,
        )
[% endif %]


class Outcome:
    """How a check ended: the class of the error, whose text may hold a password."""

    def __init__(self, error: str, seconds: float) -> None:
        self.error = error
        self.seconds = round(seconds, 3)


class Run:
    """A check in a thread of its own, which one can stop waiting for."""

    def __init__(self, check: Callable[[], None]) -> None:
        self.check = check
        self.outcome: Outcome | None = None
        self.began = monotonic()
        self.thread = Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self) -> None:
        with self:
            self.check()

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self.outcome = Outcome(kind.__name__ if kind else "", self.seconds)
        return True

    @property
    def seconds(self) -> float:
        return monotonic() - self.began

    def wait(self, until: float) -> Outcome:
        self.thread.join(max(0, until - monotonic()))
        return self.outcome or Outcome("TimeoutError", self.seconds)


class Readiness:
    """The outcomes of all checks, asked for by one request at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew, as tests do."""
        self.runs: dict[str, Run] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.fresh_until = 0.0

    def ask(self) -> dict[str, Outcome]:
        """All checks, at the same time, and no longer than TIMEOUT."""
        with self.lock:
            if monotonic() >= self.fresh_until:
                before, self.outcomes = self.outcomes, self.run()
                self.fresh_until = monotonic() + FRESH
                self.log(before)
            return self.outcomes

    def run(self) -> dict[str, Outcome]:
        until = monotonic() + TIMEOUT
        runs = {name: self.begun(name, check) for name, check in checks().items()}
        return {name: run.wait(until) for name, run in runs.items()}

    def begun(self, name: str, check: Callable[[], None]) -> Run:
        """A new run, unless the last one hangs: threads are not to pile up."""
        last = self.runs.get(name)
        if last is None or last.outcome or last.seconds > GIVEN_UP:
            self.runs[name] = Run(check)
        return self.runs[name]

    def log(self, before: dict[str, Outcome]) -> None:
        """What has changed, rather than the same at every probe."""
        for name, outcome in self.outcomes.items():
            last = before[name].error if name in before else ""
            if outcome.error and not last:
                logger.warning("Not ready: %s, %s", name, outcome.error)
            elif last and not outcome.error:
                logger.info("Ready again: %s", name)


readiness = Readiness()
