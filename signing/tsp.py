"""Time-stamp tokens (RFC 3161, ETSI EN 319 422), for a time-stamping authority of our own."""

import secrets
from datetime import datetime

from signing import der
from signing.cms import SHA256, CadesSigner

ID_TST_INFO = der.oid("1.2.840.113549.1.9.16.1.4")
_ONE_SECOND = der.sequence(der.integer(1))


class TokenWriter:
    """Issues tokens under one policy (dotted OID). The signer's leaf has the critical, sole EKU timeStamping."""

    def __init__(self, signer: CadesSigner, policy: str) -> None:
        self._signer = signer
        self._policy = der.oid(policy)

    def token(self, sha256: bytes, at: datetime, *, nonce: int | None = None) -> bytes:
        """TimeStampToken (DER) which says that the SHA-256 existed at `at`, true to one second.

        Raises ValueError when `sha256` has not 32 bytes.
        """
        if len(sha256) != 32:
            raise ValueError("a SHA-256 has 32 bytes")
        info = der.sequence(
            der.integer(1),
            self._policy,
            der.sequence(SHA256, der.octets(sha256)),
            # Random, so that tokens need no shared counter to be unique.
            der.integer(secrets.randbits(127) + 1),
            der.generalized_time(at),
            _ONE_SECOND,
            b"" if nonce is None else der.integer(nonce),
        )
        return self._signer.sign_attached(ID_TST_INFO, info)
