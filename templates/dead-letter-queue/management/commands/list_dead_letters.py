"""`manage.py list_dead_letters`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from [= package =].dead_letter import database
from [= package =].models import DeadLetter
from [= package =].reprocessing import open_letters

if TYPE_CHECKING:
    from argparse import ArgumentParser


class Command(BaseCommand):
    """Lists dead letters, the oldest first."""

    help = "List the events that handlers failed on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options of the command."""
        parser.add_argument("--json", action="store_true", help="one object per line")
        parser.add_argument("--all", action="store_true", help="those done as well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write a line for each."""
        everything = DeadLetter.objects.using(database()).order_by("pk")
        letters = everything if options["all"] else open_letters()
        if options["json"]:
            for values in letters.values():
                self.stdout.write(json.dumps(values, cls=DjangoJSONEncoder))
            return
        for one in letters:
            state = "done" if one.reprocessed_at else f"{one.attempts} attempts"
            message = " ".join(one.error_message.split())
            what = f"{one.event_type} -> {one.handler}"
            self.stdout.write(f"{one.pk}  {what}  {state}  {message[:200]}")
