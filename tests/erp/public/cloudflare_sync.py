"""The public catalogue: products are copied to a Cloudflare Worker, which keeps them in KV.

Off while CLOUDFLARE_WORKER_URL is not set.
"""

import logging
import time

import requests
from django.conf import settings

logger = logging.getLogger(__name__)

MAX_RETRIES = 4
TIMEOUT = 30  # seconds


class CloudflareSync:
    """Sends products to the Worker. Every method says whether the Worker took them."""

    def __init__(self):
        self.worker_url = settings.CLOUDFLARE_WORKER_URL.rstrip("/")
        self.api_key = settings.CLOUDFLARE_SYNC_API_KEY

    def is_configured(self):
        return bool(self.worker_url)

    def sync_product(self, product):
        return self._send_request(
            {"action": "sync_product", "product": self.format_product(product)}
        )

    def sync_products(self, products):
        return self._send_request(
            {
                "action": "sync_all",
                "products": [self.format_product(product) for product in products],
            }
        )

    def delete_product(self, code):
        return self._send_request({"action": "delete_product", "code": code})

    @staticmethod
    def format_product(product):
        return {
            "code": product.code,
            "name": product.name,
            "price": str(product.price),
            "unit": product.unit,
            "url": product.public_url,
        }

    def _send_request(self, data):
        """Post to the Worker; wait and try again when it says 429."""
        if not self.is_configured():
            logger.debug("Cloudflare sync is off: CLOUDFLARE_WORKER_URL is not set")
            return False

        headers = {"X-Sync-API-Key": self.api_key}
        for attempt in range(MAX_RETRIES + 1):
            try:
                response = requests.post(
                    f"{self.worker_url}/sync",
                    json=data,
                    headers=headers,
                    timeout=TIMEOUT,
                )
            except requests.RequestException:
                logger.exception("Cloudflare sync request failed")
                return False

            if response.status_code == 200:
                return True

            if response.status_code == 429 and attempt < MAX_RETRIES:
                delay = 2 ** (attempt + 1)
                logger.warning(f"Cloudflare rate limit, next attempt in {delay} s")
                time.sleep(delay)
                continue

            logger.error(
                f"Cloudflare sync failed: {response.status_code} - {response.text}"
            )
            return False
        return False


def sync_product_to_cloudflare(product):
    return CloudflareSync().sync_product(product)


def sync_products_to_cloudflare(products):
    return CloudflareSync().sync_products(products)
