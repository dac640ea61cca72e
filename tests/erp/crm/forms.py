"""Input of the project's own views."""

from django import forms

LONGEST_WAIT = 30  # seconds
QUEUES = ("celery", "file_uploads", "calculations", "status_updates", "maintenance")


class WaitForm(forms.Form):
    seconds = forms.FloatField(min_value=0, required=False)

    def clean_seconds(self) -> float:
        return min(self.cleaned_data["seconds"] or 0.0, LONGEST_WAIT)


class TaskForm(forms.Form):
    token = forms.CharField(max_length=100)
    seconds = forms.FloatField(min_value=0, required=False)
    queue = forms.ChoiceField(choices=[(name, name) for name in QUEUES], required=False)
