"""Fill the ERP with demo data: `manage.py fill_demo --scale 1`."""

from django.core.management.base import BaseCommand, CommandError

from crm.demo import fill_month
from crm.tables import rows_by_table


class Command(BaseCommand):
    help = "Add months of demo data through the ORM, the same data on every machine; print the rows of each table."

    def add_arguments(self, parser):
        parser.add_argument(
            "--scale",
            type=int,
            default=1,
            help="how many months, of about 6,000 rows each",
        )

    def handle(self, *args, scale, **options):
        if scale < 1:
            raise CommandError("--scale must be 1 or more.")
        for _ in range(scale):
            fill_month()
        rows = rows_by_table()
        for table, count in rows.items():
            self.stdout.write(f"{count:>10}  {table}")
        self.stdout.write(f"{sum(rows.values()):>10}  rows in {len(rows)} tables")
