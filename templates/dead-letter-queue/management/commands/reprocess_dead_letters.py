"""`manage.py reprocess_dead_letters`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.base import CommandError

from [= package =].reprocessing import FAILED
from [= package =].reprocessing import open_letters
from [= package =].reprocessing import reprocess
from [= package =].reprocessing import resolve

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Hands dead letters to the handlers that failed on them."""

    help = "Handle events again, each with the one handler that failed on it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options of the command."""
        parser.add_argument("ids", nargs="*", type=int, help="as listed")
        parser.add_argument("--all", action="store_true", help="all that wait")
        parser.add_argument("--handler", default="", help="only those of this handler")
        parser.add_argument("--dry-run", action="store_true", help="only list them")
        parser.add_argument(
            "--resolve",
            action="store_true",
            help="mark them as done without calling the handler",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Go on after a failure; the exit code is 1 if there was one."""
        keys = self._chosen(options)
        action = resolve if options["resolve"] else reprocess
        results: Counter[str] = Counter()
        for key in keys:
            if options["dry_run"]:
                self.stdout.write(f"{key}  would be handled")
                continue
            outcome = action(key)
            results[outcome.result] += 1
            self.stdout.write(f"{key}  {outcome.result}  {outcome.why}".rstrip())
        if results[FAILED]:
            message = f"{results[FAILED]} of {len(keys)} failed"
            raise CommandError(message)

    def _chosen(self, options: dict[str, Any]) -> list[int]:
        letters = open_letters()
        if options["handler"]:
            letters = letters.filter(handler=options["handler"])
        waiting = list(letters.values_list("pk", flat=True))
        if options["ids"]:
            if missing := sorted(set(options["ids"]) - set(waiting)):
                message = f"no such dead letters wait: {missing}"
                raise CommandError(message)
            return list(options["ids"])
        if not options["all"] and not options["handler"]:
            message = "name dead letters by their ids, or a --handler, or --all"
            raise CommandError(message)
        return waiting
