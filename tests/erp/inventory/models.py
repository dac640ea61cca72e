"""Products, the warehouses they lie in, and every movement between the two."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Warehouse(models.Model):
    # Older than the project's change to BigAutoField: an integer key, as several real tables have.
    id = models.AutoField(primary_key=True)
    name = models.CharField(max_length=100)
    code = models.CharField(max_length=20, unique=True)
    is_active = models.BooleanField(default=True)

    def __str__(self):
        return self.name


class Supplier(models.Model):
    name = models.CharField(max_length=150)
    phone = models.CharField(max_length=30, blank=True)

    def __str__(self):
        return self.name


class Product(models.Model):
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=20, default="متر")
    price = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    suppliers = models.ManyToManyField(Supplier, related_name="products", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.name

    @property
    def public_url(self):
        """The page that the product's QR label leads to."""
        return f"{settings.SITE_URL}/p/{self.code}/"


class ProductVariant(models.Model):
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="variants"
    )
    code = models.CharField(max_length=60, unique=True)
    color = models.CharField(max_length=60)
    price_override = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True
    )

    def __str__(self):
        return f"{self.product} ({self.color})"

    @property
    def price(self):
        return (
            self.product.price if self.price_override is None else self.price_override
        )


class StockTransaction(models.Model):
    """One movement. `inventory.signals` keeps running_balance, per product and warehouse."""

    class Type(models.TextChoices):
        IN = "in", "وارد"
        OUT = "out", "صادر"

    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="transactions"
    )
    warehouse = models.ForeignKey(
        Warehouse, on_delete=models.PROTECT, related_name="transactions"
    )
    transaction_type = models.CharField(max_length=5, choices=Type.choices)
    quantity = models.DecimalField(max_digits=12, decimal_places=3)
    running_balance = models.DecimalField(max_digits=12, decimal_places=3, default=0)
    reference = models.CharField(max_length=100, blank=True, db_index=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    transaction_date = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-transaction_date", "-id"]
        indexes = [
            models.Index(
                fields=["product", "warehouse", "-transaction_date"],
                name="stock_newest_idx",
            ),
        ]

    def __str__(self):
        return f"{self.get_transaction_type_display()} {self.quantity} {self.product}"


class StockAlert(models.Model):
    """What the warehouse's people are told."""

    title = models.CharField(max_length=200)
    message = models.TextField()
    is_read = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return self.title


class QRDesignSettings(models.Model):
    """How QR labels look. Its table keeps the name it had in the app `public`."""

    name = models.CharField(max_length=100, unique=True)
    foreground = models.CharField(max_length=7, default="#000000")
    background = models.CharField(max_length=7, default="#ffffff")
    show_price = models.BooleanField(default=True)

    class Meta:
        db_table = "public_qr_design_settings"

    def __str__(self):
        return self.name
