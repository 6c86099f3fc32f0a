from __future__ import annotations

import asyncio
import json
import logging
import threading
from contextlib import suppress
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING
from typing import Any
from unittest import mock
from uuid import uuid4

[% if pytest %]
import pytest
[% endif %]
from django.conf import settings
[% if admin %]
from django.contrib.admin import AdminSite
[% endif %]
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError
from django.db import connection
from django.db import transaction
from django.test import SimpleTestCase
from django.test import TestCase
from django.test import TransactionTestCase
from django.test import override_settings
from django.test import skipUnlessDBFeature
from django.utils import timezone

from [= package =] import dead_letter
from [= package =] import reprocessing
[% if admin %]
from [= package =].admin import DeadLetterAdmin
[% endif %]
from [= base =] import DomainEvent
from [= package =].bus import EventBus
from [= package =].dead_letter import CAPTURE
from [= package =].dead_letter import handler_path
from [= package =].decorators import must_succeed
from [= package =].decorators import non_atomic
from [= package =].models import DeadLetter
from [= package =].reprocessing import DONE
from [= package =].reprocessing import FAILED
from [= package =].reprocessing import SKIPPED
from [= package =].reprocessing import reprocess
from [= package =].reprocessing import resolve
[% if celery %]
from [= package =].tasks import check_dead_letters
[% endif %]

if TYPE_CHECKING:
    from collections.abc import Callable

    Base = TestCase
else:
    Base = object

CALLS: list[str] = []
BROKEN: set[str] = set()
ATTEMPTS = 3


class BrokenError(Exception):
    pass


# As Celery calls its own.
SoftTimeLimitExceeded = type("SoftTimeLimitExceeded", (BrokenError,), {})


class Happened(DomainEvent):
    def __init__(self, name: str) -> None:
        self.name = name


class Odd(DomainEvent):
    def __init__(self) -> None:
        self.value = object()


def write(name: str) -> None:
    now = timezone.now()
    DeadLetter.objects.create(
        event_id=name,
        handler="written",
        payload={},
        replayable=False,
        in_transaction=False,
        attempts=0,
        failed_at=now,
        last_failed_at=now,
        reprocessed_at=now,
    )


def written() -> int:
    return DeadLetter.objects.filter(handler="written").count()


def work(event: Any) -> None:
    CALLS.append(event.name)
    write(uuid4().hex)
    if event.name in BROKEN:
        message = f"{event.name} broke"
        raise BrokenError(message)


def follow(event: Any) -> None:
    CALLS.append(f"follow {event.name}")


def violate(event: Any) -> None:
    write("twice")
    write("twice")


def speak_oddly(event: Any) -> None:
    message = "a\0b\ud800"
    raise BrokenError(message)


def run_out_of_time(event: Any) -> None:
    CALLS.append(event.name)
    raise SoftTimeLimitExceeded


def break_after_commit(event: Any) -> None:
    work(event)
    transaction.on_commit(fail_at_commit)


def fail_at_commit() -> None:
    raise BrokenError


def fail_loudly(event: Any) -> None:
    CALLS.append("loud")
    raise BrokenError


@non_atomic
def fail_once(event: Any) -> None:
    fail_loudly(event)


@must_succeed
def work_or_fail(event: Any) -> None:
    work(event)


@non_atomic
def work_once(event: Any) -> None:
    work(event)


def note(event: Any, handler: Any, call_next: Callable[[], Any]) -> Any:
    CALLS.append("noted")
    return call_next()


class Worker:
    def work(self, event: Any) -> None:
        work(event)

    def __call__(self, event: Any) -> None:
        work(event)


def letters() -> list[DeadLetter]:
    return list(DeadLetter.objects.exclude(handler="written"))


def letter() -> DeadLetter:
    (found,) = letters()
    return found


class DeadLetters(Base):
    def setUp(self) -> None:
        super().setUp()
        CALLS.clear()
        BROKEN.clear()
        self.bus = EventBus()
        for override in (
            override_settings(
                EVENT_BUS_MIDDLEWARE=[CAPTURE],
                EVENT_BUS_METADATA={},
                EVENT_BUS_MAX_ATTEMPTS=ATTEMPTS,
                EVENT_BUS_PROPAGATE_ERRORS=False,
            ),
            mock.patch.object(reprocessing, "event_bus", self.bus),
        ):
            override.__enter__()
            self.addCleanup(override.__exit__, None, None, None)
        logging.disable(logging.CRITICAL)
        self.addCleanup(logging.disable, logging.NOTSET)

    def publish(self, *handlers: Any, name: str = "bad", event: Any = None) -> Any:
        """Publish one event, on which handlers fail if its name is bad."""
        BROKEN.add("bad")
        event = event or Happened(name)
        for handler in handlers:
            self.bus.subscribe(type(event), handler)
        self.bus.publish(event)
        return event


class CaptureTests(DeadLetters, TestCase):
    def test_a_failure_is_stored_and_the_publisher_goes_on(self) -> None:
        event = self.publish(work)
        found = letter()
        assert found.event_id == event.event_id
        assert found.event_type == f"{__name__}:Happened"
        assert found.handler == f"{__name__}.work"
        assert found.payload["name"] == "bad"
        assert found.replayable
        assert not found.in_transaction
        assert found.error_type == f"{__name__}:BrokenError"
        assert found.error_message == "bad broke"
        assert "in work" in found.traceback
        assert found.reprocessed_at is None
        assert str(found) == f"{__name__}:Happened in {__name__}.work"

    def test_success_stores_nothing(self) -> None:
        self.publish(work, name="good")
        assert CALLS == ["good"]
        assert written() == 1
        assert letters() == []

    def test_the_next_handler_is_called(self) -> None:
        self.publish(work, follow)
        assert CALLS == ["bad"] * ATTEMPTS + ["follow bad"]

    def test_the_number_of_attempts_is_a_setting(self) -> None:
        with self.settings(EVENT_BUS_MAX_ATTEMPTS=2):
            self.publish(work)
        assert CALLS == ["bad"] * 2
        assert letter().attempts == len(CALLS)

    def test_a_later_attempt_may_succeed(self) -> None:
        def recover(event: Any) -> None:
            if len(CALLS) == 1:
                BROKEN.clear()
            work(event)

        self.publish(recover)
        assert CALLS == ["bad", "bad"]
        assert written() == 1
        assert letters() == []

    def test_failed_attempts_leave_nothing(self) -> None:
        self.publish(work)
        assert written() == 0

    def test_a_failed_query_does_not_spoil_the_transaction(self) -> None:
        self.publish(violate)
        assert written() == 0
        assert letter().error_type == "django.db.utils:IntegrityError"

    def test_tests_can_have_the_error(self) -> None:
        with (
            self.settings(EVENT_BUS_PROPAGATE_ERRORS=True),
            [= raises =](BrokenError),
        ):
            self.publish(work)
        assert CALLS == ["bad"]
        assert letters() == []

    def test_a_handler_that_must_succeed(self) -> None:
        with [= raises =](BrokenError):
            self.publish(work_or_fail)
        assert CALLS == ["bad"]
        assert letters() == []

    def test_a_handler_that_is_not_atomic_is_called_once(self) -> None:
        self.publish(work_once)
        assert CALLS == ["bad"]
        assert written() == 1
        assert letter().attempts == 1

    def test_a_time_limit_ends_the_task(self) -> None:
        with [= raises =](SoftTimeLimitExceeded):
            self.publish(run_out_of_time)
        assert CALLS == ["bad"]
        assert letter().attempts == 1

    def test_failing_again_is_the_same_dead_letter(self) -> None:
        event = self.publish(work)
        first = letter()
        assert resolve(first.pk).result == DONE
        self.publish(event=event)
        again = letter()
        assert again.attempts == 2 * ATTEMPTS
        assert again.failed_at == first.failed_at
        assert again.last_failed_at > first.last_failed_at
        assert again.reprocessed_at is None

    def test_every_handler_has_a_dead_letter_of_its_own(self) -> None:
        self.publish(work, violate)
        assert {one.handler.rpartition(".")[2] for one in letters()} == {
            "work",
            "violate",
        }

    def test_any_message_can_be_stored(self) -> None:
        self.publish(speak_oddly)
        assert letter().error_message == "a\\x00b\\ud800"

    def test_an_event_without_an_id_gets_one(self) -> None:
        event: Any = Happened("bad")
        event.event_id = ""
        self.publish(work, event=event)
        assert letter().event_id

    def test_the_correlation_id_is_stored(self) -> None:
        event: Any = Happened("bad")
        event.correlation_id = "request"
        self.publish(work, event=event)
        assert letter().correlation_id == "request"

    def test_what_cannot_be_stored_is_logged_and_raised(self) -> None:
        logging.disable(logging.NOTSET)
        with (
            mock.patch.object(dead_letter, "_save", side_effect=IntegrityError),
            self.assertLogs(dead_letter.logger, "CRITICAL") as logs,
            [= raises =](BrokenError),
        ):
            self.publish(work)
        assert '"name": "bad"' in logs.output[0]

    def test_handlers_have_paths(self) -> None:
        for handler, name in (
            (work, "work"),
            (partial(work), "work"),
            (Worker().work, "Worker.work"),
            (Worker(), "Worker"),
        ):
            assert handler_path(handler) == f"{__name__}.{name}"


class ReprocessTests(DeadLetters, TestCase):
    def failed(self, *handlers: Any) -> int:
        self.publish(*(handlers or (work,)))
        CALLS.clear()
        pk: int = letters()[0].pk
        return pk

    def test_the_handler_gets_the_event_again(self) -> None:
        events: list[Any] = []

        def keep(event: Any) -> None:
            work(event)
            events.append(event)

        pk = self.failed(keep)
        event_id = letter().event_id
        BROKEN.clear()
        assert reprocess(pk).result == DONE
        assert [(one.name, one.event_id) for one in events] == [("bad", event_id)]
        assert letter().reprocessed_at is not None
        assert written() == 1

    def test_what_is_done_is_not_done_again(self) -> None:
        pk = self.failed()
        BROKEN.clear()
        assert [reprocess(pk).result for _ in range(2)] == [DONE, SKIPPED]
        assert CALLS == ["bad"]

    def test_failing_again_is_noted(self) -> None:
        pk = self.failed()
        assert reprocess(pk) == (FAILED, "bad broke")
        assert CALLS == ["bad"]
        assert written() == 0
        assert letter().attempts == ATTEMPTS + 1
        assert letter().reprocessed_at is None

    def test_other_handlers_are_not_called(self) -> None:
        pk = self.failed(follow, work)
        BROKEN.clear()
        assert reprocess(pk).result == DONE
        assert CALLS == ["bad"]

    def test_methods_and_objects_are_found(self) -> None:
        for handler in (Worker().work, Worker(), partial(work)):
            DeadLetter.objects.all().delete()
            self.bus = EventBus()
            with mock.patch.object(reprocessing, "event_bus", self.bus):
                pk = self.failed(handler)
                BROKEN.clear()
                assert reprocess(pk).result == DONE

    def test_two_handlers_of_one_name_are_not_confused(self) -> None:
        pk = self.failed(Worker().work, Worker().work)
        outcome = reprocess(pk)
        assert outcome.result == FAILED
        assert "2 subscribers" in outcome.why

    def test_a_handler_that_is_gone(self) -> None:
        def gone(event: Any) -> None:
            work(event)

        pk = self.failed(gone)
        with mock.patch.object(reprocessing, "event_bus", EventBus()):
            outcome = reprocess(pk)
        assert outcome.result == FAILED
        assert "there is no handler" in outcome.why

    def test_only_handlers_of_installed_apps_are_imported(self) -> None:
        for path in ("os.system", "builtins.print", "no.such.thing", "print"):
            with [= raises =](reprocessing.NoHandlerError):
                reprocessing.find_handler(Happened("a"), path)

    def test_a_handler_that_no_longer_subscribes_is_imported(self) -> None:
        found = reprocessing.find_handler(Happened("a"), f"{__name__}.follow")
        assert handler_path(found) == handler_path(follow)

    def test_what_cannot_be_replayed_is_resolved_by_hand(self) -> None:
        self.publish(violate, event=Odd())
        pk = letter().pk
        assert reprocess(pk).result == FAILED
        assert resolve(pk).result == DONE
        assert resolve(pk).result == SKIPPED

    def test_a_handler_that_is_not_atomic(self) -> None:
        pk = self.failed(work_once)
        assert reprocess(pk).result == FAILED
        assert letter().reprocessed_at is None
        BROKEN.clear()
        assert reprocess(pk).result == DONE
        assert letter().reprocessed_at is not None

    def test_other_middleware_takes_part(self) -> None:
        middleware = [f"{__name__}.note", CAPTURE]
        with self.settings(EVENT_BUS_MIDDLEWARE=middleware):
            pk = self.failed()
            BROKEN.clear()
            assert reprocess(pk).result == DONE
        assert CALLS == ["noted", "bad"]


class CommandTests(DeadLetters, TestCase):
    def run_command(self, *arguments: str) -> str:
        out = StringIO()
        call_command(*arguments, stdout=out)
        return out.getvalue()

    def test_check(self) -> None:
        assert "0 dead letters" in self.run_command("check_dead_letters")
        self.publish(work)
        with [= raises =](CommandError):
            self.run_command("check_dead_letters")
        assert "1 dead letters" in self.run_command("check_dead_letters", "--max", "1")

    def test_list(self) -> None:
        self.publish(work)
        line = self.run_command("list_dead_letters")
        assert line.startswith(f"{letter().pk}  ")
        assert "bad broke" in line
        resolve(letter().pk)
        assert self.run_command("list_dead_letters") == ""
        assert "done" in self.run_command("list_dead_letters", "--all")

    def test_list_as_json(self) -> None:
        event = self.publish(work)
        values = json.loads(self.run_command("list_dead_letters", "--json"))
        assert values["event_id"] == event.event_id

    def test_reprocess_wants_to_know_which(self) -> None:
        with [= raises =](CommandError):
            self.run_command("reprocess_dead_letters")

    def test_reprocess_all(self) -> None:
        self.publish(work)
        with [= raises =](CommandError):
            self.run_command("reprocess_dead_letters", "--all")
        BROKEN.clear()
        assert "done" in self.run_command("reprocess_dead_letters", "--all")
        assert self.run_command("reprocess_dead_letters", "--all") == ""

    def test_reprocess_by_handler(self) -> None:
        self.publish(work, violate)
        BROKEN.clear()
        path = handler_path(work)
        self.run_command("reprocess_dead_letters", "--handler", path)
        waiting = [one.handler for one in letters() if not one.reprocessed_at]
        assert waiting == [handler_path(violate)]

    def test_reprocess_by_id(self) -> None:
        self.publish(work)
        BROKEN.clear()
        pk = str(letter().pk)
        assert "done" in self.run_command("reprocess_dead_letters", pk)
        with [= raises =](CommandError):
            self.run_command("reprocess_dead_letters", pk)

    def test_a_dry_run_calls_nothing(self) -> None:
        self.publish(work)
        CALLS.clear()
        self.run_command("reprocess_dead_letters", "--all", "--dry-run")
        assert CALLS == []
        assert letter().reprocessed_at is None

    def test_resolve(self) -> None:
        self.publish(work)
        CALLS.clear()
        self.run_command("reprocess_dead_letters", "--all", "--resolve")
        assert CALLS == []
        assert letter().reprocessed_at is not None
[% if celery %]

    def test_the_task_counts(self) -> None:
        assert check_dead_letters() == 0
        self.publish(work)
        assert check_dead_letters() == 1
[% endif %]
[% if admin %]


class AdminTests(DeadLetters, TestCase):
    def run_action(self, action: str) -> str:
        model_admin = DeadLetterAdmin(DeadLetter, AdminSite())
        with mock.patch.object(model_admin, "message_user") as message_user:
            letters = DeadLetter.objects.exclude(handler="written")
            getattr(model_admin, action)(None, letters)
        text: str = message_user.call_args.args[1]
        return text

    def test_handle_again(self) -> None:
        self.publish(work)
        assert self.run_action("handle_again") == "1 failed"
        BROKEN.clear()
        assert self.run_action("handle_again") == "1 done"
        assert self.run_action("handle_again") == "1 skipped"

    def test_mark_as_resolved(self) -> None:
        self.publish(work)
        assert self.run_action("mark_as_resolved") == "1 done"

    def test_nothing_can_be_added_or_edited(self) -> None:
        model_admin = DeadLetterAdmin(DeadLetter, AdminSite())
        assert not model_admin.has_add_permission(None)
        assert "payload" in model_admin.get_readonly_fields(None)
[% endif %]


# In a transaction that is none of a test, which one connection could not show.
@skipUnlessDBFeature("test_db_allows_multiple_connections", "has_select_for_update")
class TransactionTests(DeadLetters, TransactionTestCase):
    def test_a_dead_letter_survives_the_rollback(self) -> None:
        with suppress(BrokenError), transaction.atomic():
            write("request")
            self.publish(work)
            raise BrokenError
        assert written() == 0
        assert letter().in_transaction

    def test_the_transaction_goes_on_after_a_failure(self) -> None:
        with transaction.atomic():
            write("request")
            self.publish(violate)
        assert written() == 1
        assert letter().in_transaction

    def test_without_a_transaction(self) -> None:
        self.publish(work)
        assert written() == 0
        assert not letter().in_transaction

    def test_a_transaction_without_a_block(self) -> None:
        transaction.set_autocommit(autocommit=False)
        try:
            self.publish(fail_once)
            transaction.rollback()
        finally:
            transaction.set_autocommit(autocommit=True)
        assert letter().in_transaction

    def test_an_error_after_the_commit_does_not_repeat_the_work(self) -> None:
        self.publish(break_after_commit, name="good")
        assert CALLS == ["good"]
        assert written() == 1
        assert letter().error_message.startswith("failed after the handler had")
        assert reprocess(letter().pk).result == FAILED
        assert CALLS == ["good"]

    def test_an_error_after_the_commit_leaves_it_done(self) -> None:
        self.publish(break_after_commit)
        BROKEN.clear()
        CALLS.clear()
        pk = letter().pk
        assert reprocess(pk).result == DONE
        assert reprocess(pk).result == SKIPPED
        assert CALLS == ["bad"]

    def test_a_handler_with_a_durable_transaction(self) -> None:
        @non_atomic
        def durable(event: Any) -> None:
            with transaction.atomic(durable=True):
                work(event)

        self.publish(durable, name="good")
        assert written() == 1
        assert letters() == []

    def test_in_an_event_loop(self) -> None:
        async def view() -> None:
            self.publish(fail_loudly)

        asyncio.run(view())
        assert CALLS == ["loud"]
        assert letter().attempts == 1

    def test_two_at_once_handle_it_once(self) -> None:
        started, go_on = threading.Event(), threading.Event()
        waited: list[bool] = []

        def wait(event: Any) -> None:
            if BROKEN:
                raise BrokenError
            CALLS.append(event.name)
            started.set()
            waited.append(go_on.wait(10))

        self.publish(wait)
        BROKEN.clear()
        pk, results = letter().pk, []

        def run() -> None:
            try:
                results.append(reprocess(pk).result)
            finally:
                connection.close()

        first = threading.Thread(target=run)
        first.start()
        assert started.wait(10)
        if connection.features.has_select_for_update_skip_locked:
            assert reprocess(pk).result == SKIPPED
        go_on.set()
        first.join()
        assert results == [DONE]
        assert waited == [True]
        assert reprocess(pk).result == SKIPPED
        assert CALLS == ["bad"]


class SettingsTests(SimpleTestCase):
    def test_the_bus_knows(self) -> None:
        assert CAPTURE in settings.EVENT_BUS_MIDDLEWARE

    def test_a_broken_handler_fails_a_test(self) -> None:
        assert getattr(settings, "EVENT_BUS_PROPAGATE_ERRORS", False)
