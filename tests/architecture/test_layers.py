"""Relations between tables point the way imports do: towards the producer. Names in strings hide from import-linter."""

import pytest
from django.apps import apps
from django.db.models import Field, Model

# From the bottom up; an app may relate to itself and to those before it.
ORDER = ("signing", "evidence", "directory", "correspondence", "inbox", "search", "config")
OWN = set(ORDER)


def _relations() -> list[tuple[type[Model], str, type[Model]]]:
    return [
        (model, field.name, field.related_model)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OWN
        for field in model._meta.get_fields()
        if isinstance(field, Field) and isinstance(field.related_model, type)
    ]


@pytest.mark.parametrize(("model", "field", "target"), _relations())
def test_no_relation_points_up(model: type[Model], field: str, target: type[Model]) -> None:
    label, below = model._meta.app_label, target._meta.app_label
    if below in OWN:
        assert ORDER.index(below) <= ORDER.index(label), f"{model.__name__}.{field} points from {label} up to {below}"


def test_every_app_of_ours_has_its_place_in_the_order() -> None:
    ours = {
        config.label for config in apps.get_app_configs() if config.name.split(".")[0] in {*ORDER, "correspondence"}
    }
    assert ours == OWN
