"""Dead letters in the admin: to be read, handled again and resolved."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from typing import Any

from django.contrib import admin
from django.contrib import messages

from [= package =].models import DeadLetter
from [= package =].reprocessing import DONE
from [= package =].reprocessing import reprocess
from [= package =].reprocessing import resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from [= package =].reprocessing import Outcome

    Base = admin.ModelAdmin[DeadLetter]
else:
    Base = admin.ModelAdmin


@admin.register(DeadLetter)
class DeadLetterAdmin(Base):
    """Everything is read only: a dead letter says what happened."""

    list_display = ["event_type", "handler", "error_message", "attempts"]
    list_filter = ["reprocessed_at", "event_type", "handler", "replayable"]
    search_fields = ["event_id", "correlation_id", "error_message"]
    actions = ["handle_again", "mark_as_resolved"]

    def has_add_permission(self, request: Any) -> bool:
        """Only the bus adds dead letters."""
        return False

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        """All of them."""
        return [field.name for field in self.opts.fields]

    @admin.action(
        permissions=["change"],
        description="Hand to the handler again",
    )
    def handle_again(self, request: Any, queryset: Any) -> None:
        """Reprocess the chosen ones."""
        self._apply(request, queryset, reprocess)

    @admin.action(
        permissions=["change"],
        description="Mark as resolved",
    )
    def mark_as_resolved(self, request: Any, queryset: Any) -> None:
        """Take the chosen ones off the list."""
        self._apply(request, queryset, resolve)

    def _apply(
        self,
        request: Any,
        queryset: Any,
        action: Callable[[int], Outcome],
    ) -> None:
        keys = list(queryset.order_by("pk").values_list("pk", flat=True))
        results = Counter(action(pk).result for pk in keys)
        text = ", ".join(f"{count} {result}" for result, count in results.items())
        level = messages.SUCCESS if set(results) == {DONE} else messages.WARNING
        self.message_user(request, text, level)
