"""What Celery Beat runs."""

from __future__ import annotations

import logging

from celery import shared_task

from [= package =].reprocessing import open_letters

logger = logging.getLogger(__name__)


@shared_task(name="[= package =].tasks.check_dead_letters")
def check_dead_letters() -> int:
    """Log an error, which monitoring sees, while dead letters wait."""
    count: int = open_letters().count()
    if count:
        logger.error("%s dead letters wait: see manage.py list_dead_letters", count)
    return count
