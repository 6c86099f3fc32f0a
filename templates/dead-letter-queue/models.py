"""Events that a handler failed on, kept until somebody has seen to them."""

from __future__ import annotations

from django.db import models


class DeadLetter(models.Model):
    """An event and one handler that failed on it."""

    id = models.BigAutoField(primary_key=True)
    event_id = models.CharField(max_length=100)
    event_type = models.CharField(max_length=255)
    handler = models.CharField(max_length=255)
    payload = models.JSONField()
    # Can the event be made again from the payload, and is that safe?
    replayable = models.BooleanField()
    # Was it published inside a transaction, which may have been rolled back since?
    in_transaction = models.BooleanField()
    correlation_id = models.CharField(max_length=255, blank=True)
    error_type = models.CharField(max_length=255)
    error_message = models.TextField(blank=True)
    traceback = models.TextField(blank=True)
    attempts = models.PositiveIntegerField()
    failed_at = models.DateTimeField()
    last_failed_at = models.DateTimeField()
    reprocessed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "handler"],
                name="dead_letter_once",
            ),
        ]
        indexes = [
            models.Index(fields=["reprocessed_at"], name="dead_letter_open"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} in {self.handler}"
