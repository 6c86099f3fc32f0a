"""`manage.py check_dead_letters`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any

from django.core.management.base import BaseCommand
from django.core.management.base import CommandError

from [= package =].reprocessing import open_letters

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """For monitoring: the exit code is 1 if dead letters wait."""

    help = "Fail if there are events that handlers failed on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options of the command."""
        parser.add_argument(
            "--max",
            type=int,
            default=0,
            help="how many are no reason for an alert",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Count them."""
        count = open_letters().count()
        if count > options["max"]:
            message = f"{count} dead letters wait: see manage.py list_dead_letters"
            raise CommandError(message)
        self.stdout.write(f"{count} dead letters wait")
