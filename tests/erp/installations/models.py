"""Installations at the customer's, and the archive of those that are done."""

from django.db import models
from django.utils import timezone

from orders.models import Order


class Technician(models.Model):
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=30, blank=True)

    def __str__(self):
        return self.name


class InstallationSchedule(models.Model):
    class Status(models.TextChoices):
        SCHEDULED = "scheduled", "مجدول"
        COMPLETED = "completed", "مكتمل"

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="installations"
    )
    technicians = models.ManyToManyField(Technician, related_name="installations")
    scheduled_date = models.DateField()
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.SCHEDULED
    )

    def __str__(self):
        return f"تركيب {self.order} ({self.scheduled_date})"


class InstallationArchive(models.Model):
    installation = models.OneToOneField(
        InstallationSchedule, on_delete=models.CASCADE, related_name="archive"
    )
    notes = models.TextField(blank=True)
    archived_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"أرشيف {self.installation}"
