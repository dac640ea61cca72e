"""Work on cutting orders that nobody waits for."""

from celery import shared_task

from .inventory_integration import InventoryIntegrationService
from .models import CuttingOrderItem


@shared_task
def retry_failed_deductions() -> dict:
    """Deduct what has been cut and is still in the books."""
    items = CuttingOrderItem.objects.filter(
        status=CuttingOrderItem.Status.COMPLETED, inventory_deducted=False
    )
    return InventoryIntegrationService.retry_deductions(items.order_by("pk"), user=None)
