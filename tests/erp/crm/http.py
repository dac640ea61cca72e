"""JSON in, JSON out. Arabic stays readable in the answers."""

import json

from django.core.exceptions import BadRequest
from django.http import HttpRequest, JsonResponse


def read_json(request: HttpRequest) -> dict:
    """The request's body as an object; anything else is answered with 400."""
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object.")
    return body


def json_response(data: dict, status: int = 200) -> JsonResponse:
    return JsonResponse(data, status=status, json_dumps_params={"ensure_ascii": False})
