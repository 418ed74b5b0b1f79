"""Values from the environment, read once by `config.settings`; nonsense fails loudly with the variable's name.

`NAME_FILE` may name a file that holds the value, so that secrets need not stand in the environment.
"""

import os
from pathlib import Path
from typing import Any


class InvalidVariable(ValueError):
    """A variable of the environment holds a value that cannot be used."""


def env_text(name: str, default: str = "") -> str:
    """The variable as text, or the content of the file that `NAME_FILE` names, or `default`."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        return Path(file_name).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def env_bool(name: str, default: bool = False) -> bool:
    """`1/true/yes/on` or `0/false/no/off`; anything else raises InvalidVariable."""
    raw = env_text(name, "1" if default else "0").strip().lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off", ""}:
        return False
    raise InvalidVariable(f"{name} must be true or false, not {raw!r}")


def env_int(name: str, default: int) -> int:
    """A whole number; anything else raises InvalidVariable."""
    raw = env_text(name, str(default))
    try:
        return int(raw)
    except ValueError as error:
        raise InvalidVariable(f"{name} must be a whole number, not {raw!r}") from error


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated values without the empty ones."""
    return [part.strip() for part in env_text(name, default).split(",") if part.strip()]


def env_backend(port: str, embedded: str, **embedded_options: Any) -> dict[str, Any]:
    """One entry of a port's setting: the class that `<port>_BACKEND` names, which reads its own variables, or the
    embedded one with its options.
    """
    chosen = env_text(f"{port}_BACKEND")
    return {"BACKEND": chosen} if chosen else {"BACKEND": embedded, "OPTIONS": embedded_options}
