"""Where the shop answers: whether it lives, which goes to the database, and a sale that takes a while."""

import time

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path


def alive(_request: HttpRequest) -> JsonResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        (database,) = cursor.fetchone()
    return JsonResponse({"database": database})


def sale(request: HttpRequest) -> JsonResponse:
    time.sleep(float(request.GET.get("seconds", "0")))
    return JsonResponse({"sold": True})


urlpatterns = [path("alive", alive), path("sale", sale)]
