"""Tasks that leave a trace, so that a test can tell lost and doubled ones apart."""

import time

from celery import shared_task
from django.core.cache import cache
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from .models import TaskRun

TICKS = "beat:ticks"
LAST_TICK = "beat:last_tick"


# A database that is away for a while is no reason to lose a task: it is tried again for some minutes.
@shared_task(
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=1,
    retry_backoff_max=10,
    max_retries=30,
)
def record_token(token: str, seconds: float = 0) -> int:
    """Work for so many seconds, then write one row with the caller's token."""
    time.sleep(seconds)
    return TaskRun.objects.create(token=token, task_name="crm.tasks.record_token").pk


@shared_task(ignore_result=True)
def record_tick() -> None:
    """Beat's sign of life. In the cache, so that a quiet database stays as it is."""
    cache.add(TICKS, 0, timeout=None)
    cache.incr(TICKS)
    cache.set(
        LAST_TICK, timezone.localtime().isoformat(timespec="seconds"), timeout=None
    )
