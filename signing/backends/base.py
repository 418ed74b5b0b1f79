"""The ports of signing: where keys live and where time comes from. Each backend is one file that fulfils these duties.

Backends are trusted with the meaning of a key id: whoever may call `sign` speaks in that name. Deciding who may is the
business of services, never of a backend.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping


class SigningBackend(ABC):
    """Keeps private keys and signs with them. Key ids: `seal:<agency's national id>`, `seal:platform`,
    `person:<person's uuid>`, `log`.

    Methods may be called from many threads. A key that is unknown, revoked or out of reach raises KeyUnavailable;
    nothing else may be raised for those reasons, and no other key may step in.
    """

    # True for backends whose signatures have no legal effect; production refuses to start with them.
    development = False

    @abstractmethod
    def chain(self, key_id: str) -> list[bytes]:
        """Certificates in DER, the key's own first, without the root. Always those of the key that `sign` uses."""

    @abstractmethod
    def sign(self, key_id: str, data: bytes) -> bytes:
        """Sign `data`: ECDSA P-256 over its SHA-256, in DER; for `log` Ed25519, 64 bytes.

        May be repeated: a second call gives another, equally valid signature and changes nothing.
        """

    @abstractmethod
    def ensure(self, key_id: str, *, name: str, organisation: str = "", title: str = "") -> None:
        """See that the key exists, named so in its certificate; one that exists stays as it is.

        Durable when it returns. A backend whose keys are made elsewhere raises KeyUnavailable for a missing one.
        """

    @abstractmethod
    def public_files(self) -> Mapping[str, bytes]:
        """What strangers need to verify, by file name: `root.pem`, `issuing.pem`, `crl.der`, `root-crl.der`, none of
        them stale. Empty where the authority publishes them itself."""

    @abstractmethod
    def check(self) -> None:
        """Raise SigningError when the backend could not sign now; change nothing."""


class TimestampBackend(ABC):
    """Obtains time-stamp tokens (RFC 3161). Its clock is trusted for the time at which everything happened."""

    development = False

    @abstractmethod
    def timestamp(self, sha256: bytes) -> bytes:
        """TimeStampToken (DER) over a SHA-256 of 32 bytes, checked for imprint, nonce, policy and signer.

        Raises TimestampUnavailable. May be repeated; each call gives a new token.
        """

    @abstractmethod
    def check(self) -> None:
        """Raise SigningError when no token could be had now; change nothing."""
