"""Traces that tests count: what ran, and how often."""

from django.db import models
from django.utils import timezone


class TaskRun(models.Model):
    """One run of a task. The token is not unique, so that a task that ran twice shows."""

    token = models.CharField(max_length=100, db_index=True)
    task_name = models.CharField(max_length=100)
    finished_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.task_name} {self.token}"


class SlowRequest(models.Model):
    """Written at the end of a request that was held open: proof that it was not cut off."""

    seconds = models.FloatField()
    finished_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.seconds} s"
