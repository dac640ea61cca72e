"""Prices of products and their variants, in the shop and in the public catalogue."""

from decimal import Decimal

from django.db import transaction

from public.cloudflare_sync import (
    sync_product_to_cloudflare,
    sync_products_to_cloudflare,
)

from .models import ProductVariant

PIASTRE = Decimal("0.01")


class VariantService:
    @staticmethod
    def set_price(product, price):
        """A new price for the product and all its variants."""
        with transaction.atomic():
            product.price = price
            product.save(update_fields=["price"])
            product.variants.update(price_override=None)
        sync_product_to_cloudflare(product)

    @staticmethod
    def raise_prices(products, percent):
        """Raise the prices of many products, and of the variants that have their own."""
        factor = 1 + Decimal(percent) / 100
        products = list(products)
        with transaction.atomic():
            for product in products:
                product.price = (product.price * factor).quantize(PIASTRE)
                product.save(update_fields=["price"])
            variants = ProductVariant.objects.filter(
                product__in=products, price_override__isnull=False
            )
            for variant in variants:
                variant.price_override = (variant.price_override * factor).quantize(
                    PIASTRE
                )
                variant.save(update_fields=["price_override"])
        sync_products_to_cloudflare(products)
