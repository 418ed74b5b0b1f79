"""Foreign keys and foreign seals, made once; how to judge under the foreign root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
import typst

from signing.backends.local import LocalSigning, LocalTimestamps
from signing.verify import Policy, Report, read_policy, verify_file
from tests.signing.verify.foreign_pki import DAY, NOW, TIMESTAMPING, Holder, Wish, authority, certify
from tests.signing.verify.proofs import ORIGIN, Files, ProofMaker
from tests.signing.verify.sealing import seal_pdf


@dataclass(frozen=True)
class Foreign:
    """A root, an issuing authority, an agency's seal and a time-stamping authority of strangers."""

    root: Holder
    issuing: Holder
    seal: Holder
    tsa: Holder

    def judge(
        self, data: bytes, *, crls: tuple[bytes, ...] = (), at: datetime | None = None, content: bytes | None = None
    ) -> Report:
        """The report on a file with only this root trusted."""
        return verify_file(data, "file", read_policy([self.root.root], crls, at=at), content=content)


@pytest.fixture(scope="session")
def foreign() -> Foreign:
    root = authority()
    issuing = certify(Wish("Foreign issuing", key="p384", authority=True, ends=NOW + 3000 * DAY), root)
    tsa = certify(Wish("Foreign TSA", key="rsa2048", usages=TIMESTAMPING), issuing)
    return Foreign(root, issuing, certify(Wish(), issuing), tsa)


Typeset = Callable[[str], bytes]


@pytest.fixture(scope="session")
def typeset(tmp_path_factory: pytest.TempPathFactory) -> Typeset:
    """Makes a small PDF with a text."""

    def make(text: str) -> bytes:
        source = tmp_path_factory.mktemp("base") / "base.typ"
        source.write_text(text, encoding="utf-8")
        pdf = typst.compile(str(source), format="pdf")
        assert isinstance(pdf, bytes)
        return pdf

    return make


@pytest.fixture(scope="session")
def base_pdf(typeset: Typeset) -> bytes:
    return typeset("The amount is 1,000,000 rials.")


@pytest.fixture(scope="session")
def sealed_pdf(foreign: Foreign, base_pdf: bytes) -> bytes:
    """Good: B-T, certified, no changes allowed."""
    return seal_pdf(base_pdf, foreign.seal, foreign.tsa)


@pytest.fixture(scope="session")
def maker(keys: LocalSigning, timestamps: LocalTimestamps, tmp_path_factory: pytest.TempPathFactory) -> ProofMaker:
    return ProofMaker(keys, timestamps, tmp_path_factory.mktemp("proofs"))


@pytest.fixture(scope="session")
def files(maker: ProofMaker) -> Files:
    return maker.files()


@pytest.fixture(scope="session")
def proof(maker: ProofMaker, files: Files) -> bytes:
    return maker.seal(files)


@pytest.fixture(scope="session")
def policy(keys: LocalSigning) -> Policy:
    public = keys.public_files()
    return read_policy([public["root.pem"]], [public["crl.der"], public["root-crl.der"]], log_origin=ORIGIN)
