"""Input of the JSON views, checked by Django's forms."""

import json

from django import forms
from django.core.exceptions import BadRequest

LONGEST_WAIT = 30  # seconds
QUEUES = ("celery", "file_uploads", "calculations", "status_updates", "maintenance")


def read_json(request) -> dict:
    """The request's body as an object; anything else is answered with 400."""
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object.")
    return body


class WaitForm(forms.Form):
    seconds = forms.FloatField(min_value=0, required=False)

    def clean_seconds(self) -> float:
        return min(self.cleaned_data["seconds"] or 0.0, LONGEST_WAIT)


class TaskForm(WaitForm):
    token = forms.CharField(max_length=100)
    queue = forms.ChoiceField(choices=[(name, name) for name in QUEUES], required=False)
