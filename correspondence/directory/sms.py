"""The port to the SMS gateway. An SMS never carries a link, a subject or a sender's matter (fraud copies all of these)."""

import logging
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.core.checks import CheckMessage

from config.backends import BackendHandler

logger = logging.getLogger("karpusheh.sms")


@dataclass(frozen=True)
class SentCode:
    """A code as the development page shows it."""

    national_code: str
    mobile: str
    purpose: str
    code: str
    at: datetime


class Sms(Protocol):
    """A driver returns once the gateway has accepted the message and raises `OSError` otherwise; a retry may double it."""

    def send_code(self, sent: SentCode) -> None:
        """Send a one-time code. A production driver must not log or keep it."""

    def announce(self, mobiles: list[str]) -> None:
        """Send the fixed text «a new letter lies in your Karpusheh; open it yourself» to each number."""

    def check(self) -> list[CheckMessage]:
        """What stands against using this driver."""


class ConsoleSms:
    """Development: codes show on a page and in the console, and are forgotten with the process."""

    def __init__(self) -> None:
        self.codes: deque[SentCode] = deque(maxlen=200)

    def send_code(self, sent: SentCode) -> None:
        self.codes.appendleft(sent)
        logger.warning("development code %s for %s (%s)", sent.code, sent.national_code, sent.purpose.split(":")[0])

    def announce(self, mobiles: list[str]) -> None:
        logger.info("announced to %d mobiles", len(mobiles))

    def check(self) -> list[CheckMessage]:
        return []


_gateways = BackendHandler("SMS")


def sms_gateway() -> Sms:
    """The configured driver."""
    gateway: Sms = _gateways["default"]
    return gateway


def development_codes() -> list[SentCode]:
    """The last codes, newest first; empty unless the console driver is in use."""
    gateway = sms_gateway()
    return list(gateway.codes) if isinstance(gateway, ConsoleSms) else []
