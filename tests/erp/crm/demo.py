"""Demo data, the same on every machine: month after month of a curtain shop's business.

All of it goes through the ORM, so every row draws its key from its table's sequence.
"""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.db import transaction

from crm.demo_words import (
    COLORS,
    COMPLAINT_TEXTS,
    CUTTERS,
    FABRICS,
    FAMILY_NAMES,
    GIVEN_NAMES,
    LATIN_CUSTOMERS,
    SERVICES,
    STREETS,
    WAREHOUSES,
)
from customers.models import Complaint, Customer, CustomerTag
from cutting.models import CuttingOrder, CuttingOrderItem
from installations.models import (
    InstallationArchive,
    InstallationSchedule,
    Technician,
)
from inventory.models import (
    Product,
    ProductVariant,
    QRDesignSettings,
    StockTransaction,
    Supplier,
    Warehouse,
)
from orders.models import ManufacturingOrder, Order, OrderItem
from public.models import QRScan

FIRST_DAY = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
BATCH = 1000

CUSTOMERS = 300  # these and the following: rows in a month
PRODUCTS = 120
ORDERS = 500
COMPLAINTS = 80
SCANS = 300


def fill_month() -> None:
    """Add one month of business after those that are there."""
    number = Product.objects.count() // PRODUCTS
    with transaction.atomic():
        Month(number).fill()


class Month:
    """One month's rows, each kind built upon the ones before it."""

    def __init__(self, number: int):
        self.number = number
        self.random = random.Random(number)  # noqa: S311 - the same data each time
        self.start = FIRST_DAY + timedelta(days=30 * number)

    def fill(self) -> None:
        self.fill_fixed_rows()
        self.fill_customers()
        self.fill_products()
        self.fill_orders()
        self.fill_manufacturing()
        self.fill_cutting()
        self.fill_installations()
        self.fill_public()

    def moment(self, first_day: int, last_day: int) -> datetime:
        """Some time of day between two days of the month, both counted from 0."""
        seconds = self.random.randrange((last_day - first_day + 1) * 24 * 3600)
        return self.start + timedelta(days=first_day, seconds=seconds)

    def fill_fixed_rows(self) -> None:
        """What a shop has once. Later months find it there."""
        names = {"khawaga": "صاحب العمل", "sales": "المبيعات", "store": "أمين المخزن"}
        self.users = [
            User.objects.get_or_create(
                username=username, defaults={"first_name": name}
            )[0]
            for username, name in names.items()
        ]
        self.warehouses = [
            Warehouse.objects.get_or_create(code=code, defaults={"name": name})[0]
            for code, name in WAREHOUSES.items()
        ]
        self.tags = self.named(
            CustomerTag, ["VIP", "جملة", "قطاعي", "فندق", "مهندس ديكور"]
        )
        self.suppliers = self.named(
            Supplier, ["مصنع المحلة", "النساجون", "Istanbul Tekstil"]
        )
        self.technicians = self.named(
            Technician, ["سيد", "عماد", "جرجس", "Mina", "بيومي"]
        )
        self.named(QRDesignSettings, ["الافتراضي", "Black Friday", "رمضان"])

    @staticmethod
    def named(model, names: list[str]) -> list:
        return [model.objects.get_or_create(name=name)[0] for name in names]

    def fill_customers(self) -> None:
        customers = [
            Customer(
                name=self.customer_name(),
                phone=f"01{self.random.choice('0125')}{self.random.randrange(10**8):08}",
                address=f"{self.random.randint(1, 200)} {self.random.choice(STREETS)}",
                created_at=self.moment(0, 10),
            )
            for _ in range(CUSTOMERS)
        ]
        self.customers = Customer.objects.bulk_create(customers, BATCH)
        self.link(Customer.tags, self.customers, self.tags, most=2)
        Complaint.objects.bulk_create(
            [
                Complaint(
                    customer=self.random.choice(self.customers),
                    text=self.random.choice(COMPLAINT_TEXTS),
                    status=self.random.choice(Complaint.Status.values),
                    created_at=self.moment(10, 29),
                )
                for _ in range(COMPLAINTS)
            ],
            BATCH,
        )

    def customer_name(self) -> str:
        if self.random.random() < 0.1:
            return self.random.choice(LATIN_CUSTOMERS)
        given, father = self.random.sample(GIVEN_NAMES, 2)
        return f"{given} {father} {self.random.choice(FAMILY_NAMES)}"

    def link(self, field, rows: list, others: list, most: int) -> None:
        """Give each row up to `most` of the others, through the many-to-many table."""
        through = field.through
        near, far = field.field.m2m_column_name(), field.field.m2m_reverse_name()
        links = [
            through(**{near: row.pk, far: other.pk})
            for row in rows
            for other in self.random.sample(others, self.random.randint(1, most))
        ]
        through.objects.bulk_create(links, BATCH)

    def fill_products(self) -> None:
        """Products, and a receipt of each into one warehouse: the others never had it."""
        products = []
        for index in range(PRODUCTS):
            fabric, color = self.random.choice(FABRICS), self.random.choice(COLORS)
            products.append(
                Product(
                    code=f"FAB-{self.number * PRODUCTS + index + 1:05}",
                    name=f"{fabric} {color}",
                    price=Decimal(self.random.randint(80, 900)),
                    created_at=self.start,
                )
            )
        self.products = Product.objects.bulk_create(products, BATCH)
        self.link(Product.suppliers, self.products, self.suppliers, most=2)
        ProductVariant.objects.bulk_create(
            [
                ProductVariant(
                    product=product, code=f"{product.code}-{letter}", color=color
                )
                for product in self.products
                for letter, color in zip(
                    "AB", self.random.sample(COLORS, 2), strict=True
                )
            ],
            BATCH,
        )
        self.home = {
            product: self.random.choice(self.warehouses) for product in self.products
        }
        receipts = [
            StockTransaction(
                product=product,
                warehouse=warehouse,
                transaction_type=StockTransaction.Type.IN,
                quantity=Decimal(self.random.randint(300, 900)),
                reference=f"receipt-{product.code}",
                created_by=self.users[2],
                transaction_date=self.moment(0, 1),
            )
            for product, warehouse in self.home.items()
        ]
        for receipt in receipts:
            receipt.running_balance = receipt.quantity
        StockTransaction.objects.bulk_create(receipts, BATCH)
        self.balance = {receipt.product: receipt.quantity for receipt in receipts}

    def fill_orders(self) -> None:
        orders = [
            Order(
                customer=self.random.choice(self.customers),
                status=self.random.choice(Order.Status.values),
                created_by=self.users[1],
                created_at=self.moment(2, 15),
            )
            for _ in range(ORDERS)
        ]
        self.orders = Order.objects.bulk_create(orders, BATCH)
        items = [item for order in self.orders for item in self.items_of(order)]
        self.order_items = OrderItem.objects.bulk_create(items, BATCH)

    def items_of(self, order: Order) -> list[OrderItem]:
        """One to three fabrics, and now and then a service, which has no product."""
        items = [
            OrderItem(
                order=order,
                product=product,
                quantity=Decimal(self.random.randint(4, 60)) / 4,
                unit_price=product.price,
            )
            for product in self.random.sample(self.products, self.random.randint(1, 3))
        ]
        if self.random.random() < 0.3:
            service = self.random.choice(SERVICES)
            items.append(
                OrderItem(order=order, description=service, quantity=1, unit_price=250)
            )
        return items

    def fill_manufacturing(self) -> None:
        orders = [
            ManufacturingOrder(order=order, created_at=self.moment(16, 18))
            for order in self.orders
            if self.random.random() < 0.3
        ]
        made = {
            row.order_id: row
            for row in ManufacturingOrder.objects.bulk_create(orders, BATCH)
        }
        through = ManufacturingOrder.items.through
        through.objects.bulk_create(
            [
                through(
                    manufacturingorder_id=made[item.order_id].pk, orderitem_id=item.pk
                )
                for item in self.order_items
                if item.order_id in made
            ],
            BATCH,
        )

    def fill_cutting(self) -> None:
        """Cutting orders for most orders: two thirds of the fabric that lies in their warehouse is cut.

        Open items remain that show two defects: external ones, which have no order item (BUG-017),
        and ones whose warehouse never had their product (BUG-013).
        """
        fabrics: dict[int, list[OrderItem]] = {}
        for item in self.order_items:
            if item.product_id:
                fabrics.setdefault(item.order_id, []).append(item)
        cutting_orders = [
            CuttingOrder(
                order=order,
                warehouse=self.home[fabrics[order.pk][0].product],
                created_at=self.moment(16, 18),
            )
            for order in self.orders
            if self.random.random() < 0.6
        ]
        items = []
        for cutting_order in CuttingOrder.objects.bulk_create(cutting_orders, BATCH):
            items += [
                self.cutting_item(cutting_order, order_item)
                for order_item in fabrics[cutting_order.order_id]
            ]
            if self.random.random() < 0.1:
                items.append(
                    CuttingOrderItem(
                        cutting_order=cutting_order,
                        is_external=True,
                        external_description="قماش من العميل",
                    )
                )
        items = CuttingOrderItem.objects.bulk_create(items, BATCH)
        deducted = sorted(
            (item for item in items if item.inventory_deducted),
            key=lambda item: item.cutting_date,
        )
        StockTransaction.objects.bulk_create(
            [self.withdrawal(item) for item in deducted], BATCH
        )

    def cutting_item(
        self, cutting_order: CuttingOrder, order_item: OrderItem
    ) -> CuttingOrderItem:
        item = CuttingOrderItem(
            cutting_order=cutting_order,
            order_item=order_item,
            additional_quantity=self.random.choice([Decimal(0), Decimal("0.5")]),
        )
        lies_here = self.home[order_item.product] == cutting_order.warehouse
        if lies_here and self.random.random() < 0.67:
            item.status = CuttingOrderItem.Status.COMPLETED
            item.cutter_name = self.random.choice(CUTTERS)
            item.cutting_date = self.moment(19, 24)
            item.inventory_deducted = True
        return item

    def withdrawal(self, item: CuttingOrderItem) -> StockTransaction:
        """What inventory_integration books for a completed item."""
        product = item.order_item.product
        quantity = item.order_item.quantity + item.additional_quantity
        self.balance[product] -= quantity
        return StockTransaction(
            product=product,
            warehouse=item.cutting_order.warehouse,
            transaction_type=StockTransaction.Type.OUT,
            quantity=quantity,
            running_balance=self.balance[product],
            reference=f"cutting-item-{item.pk}",
            created_by=self.users[2],
            transaction_date=item.cutting_date,
        )

    def fill_installations(self) -> None:
        rows = [
            InstallationSchedule(
                order=order,
                scheduled_date=date(2024, 1, 26) + timedelta(days=30 * self.number),
                status=self.random.choice(InstallationSchedule.Status.values),
            )
            for order in self.orders
            if self.random.random() < 0.5
        ]
        rows = InstallationSchedule.objects.bulk_create(rows, BATCH)
        self.link(InstallationSchedule.technicians, rows, self.technicians, most=3)
        InstallationArchive.objects.bulk_create(
            [
                InstallationArchive(installation=row, archived_at=self.moment(26, 29))
                for row in rows
                if row.status == InstallationSchedule.Status.COMPLETED
            ],
            BATCH,
        )

    def fill_public(self) -> None:
        QRScan.objects.bulk_create(
            [
                QRScan(
                    product=self.random.choice(self.products),
                    scanned_at=self.moment(2, 29),
                )
                for _ in range(SCANS)
            ],
            BATCH,
        )
