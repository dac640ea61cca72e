"""The disaster: rows arrive with their keys, and no sequence hears of it.

So do imports from an old server or from a spreadsheet. PostgreSQL draws from a sequence only
for rows that come without a key; the next row that does collides with one of these.
"""

from decimal import Decimal

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Max, Model

from customers.models import Complaint, Customer, CustomerTag
from inventory.models import Product, StockTransaction, Warehouse
from orders.models import Order, OrderItem

BATCH = 1000
BRANCHES = 3  # a chain has few warehouses, however many rows it imports


class Command(BaseCommand):
    help = (
        "Insert rows with explicit primary keys, above the highest one of each table. "
        "The next insert through the ERP then collides."
    )

    def add_arguments(self, parser):
        parser.add_argument("--rows", type=int, default=200, help="rows for each table")

    def handle(self, *args, rows, **options):
        if rows < 1:
            raise CommandError("--rows must be 1 or more.")
        with transaction.atomic():
            batches = imported_rows(rows)
            for batch in batches:
                type(batch[0])._base_manager.bulk_create(batch, BATCH)

        self.stdout.write(f"{'rows':>8}  {'first ID':>10}  {'last ID':>10}  table")
        for batch in batches:
            first, last, table = batch[0].pk, batch[-1].pk, batch[0]._meta.db_table
            self.stdout.write(f"{len(batch):>8}  {first:>10}  {last:>10}  {table}")
        self.stdout.write(
            f"Imported into {len(batches)} tables. Their sequences know of none of it."
        )


def imported_rows(rows: int) -> list[list[Model]]:
    """The rows to import, each with its key: one list for each table, parents first."""
    customers = [
        Customer(pk=pk, name=f"عميل من النظام القديم {pk}")
        for pk in keys_above(Customer, rows)
    ]
    tags = [
        CustomerTag(pk=pk, name=f"مستورد {pk}") for pk in keys_above(CustomerTag, 1)
    ]
    tagged = Customer.tags.through
    links = [
        tagged(pk=pk, customer=customer, customertag=tags[0])
        for pk, customer in zip(keys_above(tagged, rows), customers, strict=True)
    ]
    complaints = [
        Complaint(pk=pk, customer=customer, text="شكوى من النظام القديم")
        for pk, customer in zip(keys_above(Complaint, rows), customers, strict=True)
    ]
    warehouses = [
        Warehouse(pk=pk, code=f"OLD-{pk}", name=f"فرع {pk}")
        for pk in keys_above(Warehouse, BRANCHES)
    ]
    products = [
        Product(pk=pk, code=f"OLD-{pk}", name=f"Old fabric {pk}")
        for pk in keys_above(Product, rows)
    ]
    receipts = [
        StockTransaction(
            pk=pk,
            product=product,
            warehouse=warehouses[pk % BRANCHES],
            transaction_type=StockTransaction.Type.IN,
            quantity=Decimal(100),
            running_balance=Decimal(100),
            reference="import",
        )
        for pk, product in zip(
            keys_above(StockTransaction, rows), products, strict=True
        )
    ]
    orders = [
        Order(pk=pk, customer=customer)
        for pk, customer in zip(keys_above(Order, rows), customers, strict=True)
    ]
    items = [
        OrderItem(pk=pk, order=order, product=product, quantity=1)
        for pk, order, product in zip(
            keys_above(OrderItem, rows), orders, products, strict=True
        )
    ]
    return [
        customers,
        tags,
        links,
        complaints,
        warehouses,
        products,
        receipts,
        orders,
        items,
    ]


def keys_above(model: type[Model], count: int) -> range:
    """The next keys, as somebody numbers them who sees the table alone."""
    highest = model._base_manager.aggregate(highest=Max("pk"))["highest"] or 0
    return range(highest + 1, highest + 1 + count)
