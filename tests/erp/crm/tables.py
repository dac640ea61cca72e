"""The project's own tables, many-to-many ones too."""

from django.apps import apps


def own_models() -> list[type]:
    """Every model of the project's apps, in the order of INSTALLED_APPS."""
    return [
        model
        for config in apps.get_app_configs()
        if not config.name.startswith("django.")
        for model in config.get_models(include_auto_created=True)
    ]


def rows_by_table() -> dict[str, int]:
    return {model._meta.db_table: model._base_manager.count() for model in own_models()}
