"""Send products to the public catalogue: `manage.py sync_cloudflare --limit 10`."""

from django.core.management.base import BaseCommand, CommandError

from inventory.models import Product
from public.cloudflare_sync import CloudflareSync


class Command(BaseCommand):
    help = (
        "Send products to the Cloudflare Worker, one request each, as saving them does."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--limit", type=int, default=10, help="how many products, the oldest first"
        )

    def handle(self, *args, limit, **options):
        sync = CloudflareSync()
        if not sync.is_configured():
            raise CommandError(
                "CLOUDFLARE_WORKER_URL is not set. Set it in the environment."
            )
        products = Product.objects.order_by("pk")[:limit]
        results = [sync.sync_product(product) for product in products]
        self.stdout.write(f"sent {sum(results)} of {len(results)} products")
        if not all(results):
            raise CommandError("Some products were not sent. The log says why.")
