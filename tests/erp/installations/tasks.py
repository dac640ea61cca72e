"""Work on installations that nobody waits for."""

from celery import shared_task

from .models import InstallationArchive, InstallationSchedule


@shared_task
def archive_completed() -> int:
    """Archive what is completed. get_or_create: two runs at once once made duplicate keys (BUG-012)."""
    waiting = InstallationSchedule.objects.filter(
        status=InstallationSchedule.Status.COMPLETED, archive=None
    )
    made = [
        InstallationArchive.objects.get_or_create(installation=installation)
        for installation in waiting
    ]
    return sum(created for _, created in made)
