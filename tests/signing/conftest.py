"""Keys, time and a typeset letter, made once for all tests of signing; none of them needs a database."""

from functools import partial
from pathlib import Path

import pytest
import typst

from signing.backends.local import LocalSigning, LocalTimestamps
from signing.cms import CadesSigner

AGENCY = "seal:14000000001"
LETTER = """
#set document(title: "Letter", date: datetime(year: 2026, month: 11, day: 22))
#pdf.attach("letter.json", bytes("{}"), relationship: "source", mime-type: "application/json", description: "letter")
The parcel 1404/12 is yours.
"""


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> LocalSigning:
    """A development infrastructure of its own, where the agency AGENCY has a seal. Tests must not revoke it."""
    backend = LocalSigning(tmp_path_factory.mktemp("signing") / "pki")
    backend.ensure(AGENCY, name="سازمان ثبت نمونه")
    return backend


@pytest.fixture(scope="session")
def pki_folder(keys: LocalSigning) -> Path:
    """The folder of `keys`."""
    return keys.folder


@pytest.fixture(scope="session")
def timestamps(keys: LocalSigning) -> LocalTimestamps:
    """Time-stamps under the same root."""
    return LocalTimestamps(keys.folder)


@pytest.fixture(scope="session")
def signer(keys: LocalSigning) -> CadesSigner:
    """Signs with the seal of the agency."""
    return CadesSigner(keys.chain(AGENCY), partial(keys.sign, AGENCY))


@pytest.fixture(scope="session")
def typeset_pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A PDF/A-3b with an embedded file, unsealed."""
    source = tmp_path_factory.mktemp("typeset") / "letter.typ"
    source.write_text(LETTER, encoding="utf-8")
    pdf = typst.compile(str(source), format="pdf", pdf_standards=["a-3b"])
    assert isinstance(pdf, bytes)
    return pdf
