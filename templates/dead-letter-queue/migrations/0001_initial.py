from __future__ import annotations

from django.db import migrations
from django.db import models


class Migration(migrations.Migration):
    initial = True

    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="DeadLetter",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("event_id", models.CharField(max_length=100)),
                ("event_type", models.CharField(max_length=255)),
                ("handler", models.CharField(max_length=255)),
                ("payload", models.JSONField()),
                ("replayable", models.BooleanField()),
                ("in_transaction", models.BooleanField()),
                ("correlation_id", models.CharField(blank=True, max_length=255)),
                ("error_type", models.CharField(max_length=255)),
                ("error_message", models.TextField(blank=True)),
                ("traceback", models.TextField(blank=True)),
                ("attempts", models.PositiveIntegerField()),
                ("failed_at", models.DateTimeField()),
                ("last_failed_at", models.DateTimeField()),
                ("reprocessed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={"ordering": ["id"]},
        ),
        migrations.AddIndex(
            model_name="deadletter",
            index=models.Index(fields=["reprocessed_at"], name="dead_letter_open"),
        ),
        migrations.AddConstraint(
            model_name="deadletter",
            constraint=models.UniqueConstraint(
                fields=("event_id", "handler"),
                name="dead_letter_once",
            ),
        ),
    ]
