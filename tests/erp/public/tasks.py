"""The public catalogue, kept up to date in the background."""

from celery import shared_task

from inventory.models import Product

from .cloudflare_sync import sync_products_to_cloudflare


@shared_task
def sync_products(product_ids: list[int]) -> bool:
    """Send these products to Cloudflare."""
    return sync_products_to_cloudflare(Product.objects.filter(pk__in=product_ids))
