"""What the public side of the shop remembers."""

from django.db import models
from django.utils import timezone

from inventory.models import Product


class QRScan(models.Model):
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="qr_scans"
    )
    scanned_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.product} {self.scanned_at:%Y-%m-%d}"
