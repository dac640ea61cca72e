"""Views that belong to no app: is it alive, what is in it, what did the tasks do.

This is a test ERP: its JSON views ask for no login and are exempt from CSRF, so that a
playbook or a load generator can post to them.
"""

import time

from django.core.cache import cache
from django.db import Error, connection
from django.db.models import Count
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from .forms import TaskForm, WaitForm
from .http import json_response, read_json
from .models import SlowRequest, TaskRun
from .tables import rows_by_table
from .tasks import LAST_TICK, TICKS, record_token


@never_cache
@require_GET
def health(request):
    """Healthy means that the database answers, not merely that Django is loaded."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except Error as error:
        return json_response(
            {"status": "error", "detail": str(error).strip()}, status=503
        )
    return json_response({"status": "ok"})


@require_GET
def slow(request):
    """Hold the request for ?seconds= (30 at most), then write: a restart must not cut it off."""
    form = WaitForm(request.GET)
    if not form.is_valid():
        return json_response({"errors": form.errors}, status=400)
    seconds = form.cleaned_data["seconds"]
    time.sleep(seconds)
    row = SlowRequest.objects.create(seconds=seconds)
    return json_response({"id": row.pk, "seconds": seconds})


@require_GET
def stats(request):
    """Rows in every table of the project, many-to-many ones too, and what the tasks left behind."""
    tables = rows_by_table()
    return json_response(
        {
            "tables": tables,
            "task_runs": tables[TaskRun._meta.db_table],
            "ticks": cache.get(TICKS, 0),
            "last_tick": cache.get(LAST_TICK),
        }
    )


@csrf_exempt
@require_http_methods(["GET", "POST"])
def count_tasks(request):
    """POST hands Celery a task that writes the caller's token; GET counts what has been written.

    With ?prefix= only tokens that begin so, and each of them with its number of runs.
    """
    if request.method == "GET":
        prefix = request.GET.get("prefix", "")
        runs = TaskRun.objects.filter(token__startswith=prefix)
        counted = runs.aggregate(
            count=Count("pk"), distinct=Count("token", distinct=True)
        )
        if prefix:
            by_token = runs.values_list("token").annotate(Count("pk"))
            counted["runs"] = dict(by_token.order_by())
        return json_response(counted)
    form = TaskForm(read_json(request))
    if not form.is_valid():
        return json_response({"errors": form.errors}, status=400)
    token, seconds = form.cleaned_data["token"], form.cleaned_data["seconds"] or 0
    result = record_token.apply_async(
        (token, seconds), queue=form.cleaned_data["queue"] or None
    )
    return json_response({"task_id": result.id, "token": token}, status=202)
