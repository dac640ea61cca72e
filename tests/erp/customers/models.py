"""Customers and what they complain about."""

from django.db import models
from django.utils import timezone


class CustomerTag(models.Model):
    name = models.CharField(max_length=60, unique=True)

    def __str__(self):
        return self.name


class Customer(models.Model):
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=300, blank=True)
    tags = models.ManyToManyField(CustomerTag, related_name="customers", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.name


class Complaint(models.Model):
    """Its table has an Arabic name: tools meet such names in the real database."""

    class Status(models.TextChoices):
        OPEN = "open", "مفتوحة"
        SOLVED = "solved", "محلولة"

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="complaints"
    )
    text = models.TextField()
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.OPEN
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "شكاوى_العملاء"

    def __str__(self):
        return f"{self.customer}: {self.text[:40]}"
