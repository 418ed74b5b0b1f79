"""Ports in Django's own dialect: a setting maps an alias to {"BACKEND": "dotted.path", "OPTIONS": {}}.

`BackendHandler("SIGNING")["seal"]` imports the class once per process and keeps the instance.
"""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string


class BackendHandler:
    """Instances of one port by alias, built on first use.

    Raises ImproperlyConfigured for an alias that the setting does not have.
    """

    def __init__(self, setting: str) -> None:
        self.setting = setting
        self._instances: dict[str, Any] = {}
        # Tests that override a port's setting must not meet the instance built before.
        setting_changed.connect(self._forget, weak=False)

    def __getitem__(self, alias: str) -> Any:
        if alias not in self._instances:
            try:
                entry = getattr(settings, self.setting)[alias]
            except KeyError as error:
                raise ImproperlyConfigured(f"{self.setting} has no alias {alias!r}") from error
            self._instances[alias] = import_string(entry["BACKEND"])(**entry.get("OPTIONS", {}))
        return self._instances[alias]

    def _forget(self, *, setting: str, **_: Any) -> None:
        if setting in {self.setting, "DATA_DIR"}:
            self._instances.clear()
