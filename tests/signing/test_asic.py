"""Containers: the signature covers a manifest that covers every file; names leave no doubt."""

import base64
import hashlib
import zipfile
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import etree

from signing.asic import MANIFEST, MIMETYPE, SIGNATURE, build_container
from signing.backends.local import LocalTimestamps
from signing.cms import CadesSigner
from signing.errors import SigningError
from tests.signing.foreign import accepts
from tests.signing.test_cms import verify

AT = datetime(2026, 11, 22, 8, 30, 16, tzinfo=UTC)
FILES = {"letter.json": b'{"a":1}', "letter.pdf": b"%PDF-1.7", "پیوست\u200cها ۱.txt": "متن".encode()}
NAMES = {"asic": "http://uri.etsi.org/02918/v1.2.1#", "ds": "http://www.w3.org/2000/09/xmldsig#"}


@pytest.fixture
def container(signer: CadesSigner, timestamps: LocalTimestamps) -> bytes:
    return build_container(FILES, signer, timestamp=timestamps.timestamp, at=AT)


def test_readers_know_the_type_by_its_place(container: bytes) -> None:
    assert container[30:38] == b"mimetype"
    assert container[38 : 38 + len(MIMETYPE)] == MIMETYPE.encode()
    first = zipfile.ZipFile(BytesIO(container)).infolist()[0]
    assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")


def test_the_manifest_names_every_file_with_its_hash(container: bytes) -> None:
    archive = zipfile.ZipFile(BytesIO(container))
    assert archive.namelist() == ["mimetype", *FILES, MANIFEST, SIGNATURE]
    manifest = etree.fromstring(archive.read(MANIFEST))
    (signature,) = manifest.findall("asic:SigReference", NAMES)
    assert signature.get("URI") == SIGNATURE
    hashes = {
        unquote(reference.get("URI", "")): reference.findtext("ds:DigestValue", namespaces=NAMES)
        for reference in manifest.findall("asic:DataObjectReference", NAMES)
    }
    assert hashes == {name: base64.b64encode(hashlib.sha256(data).digest()).decode() for name, data in FILES.items()}
    assert {name: archive.read(name) for name in FILES} == FILES


@pytest.mark.foreign
def test_openssl_accepts_the_signature_over_the_manifest(container: bytes, pki_folder: Path, tmp_path: Path) -> None:
    archive = zipfile.ZipFile(BytesIO(container))
    manifest, signature = archive.read(MANIFEST), archive.read(SIGNATURE)
    assert verify(tmp_path, pki_folder / "root.pem", manifest, signature)
    assert not verify(tmp_path, pki_folder / "root.pem", manifest.replace(b"letter", b"litter"), signature)


@pytest.mark.foreign
def test_a_common_unzip_reads_it(container: bytes, tmp_path: Path) -> None:
    (tmp_path / "proof.asice").write_bytes(container)
    assert accepts("unzip", "-t", "proof.asice", cwd=tmp_path)


def test_only_the_signature_differs_between_two_makings(signer: CadesSigner) -> None:
    first, second = (zipfile.ZipFile(BytesIO(build_container(FILES, signer, timestamp=None, at=AT))) for _ in range(2))
    for one, other in zip(first.infolist(), second.infolist(), strict=True):
        assert (one.filename, one.date_time, one.external_attr) == (
            other.filename,
            (2026, 11, 22, 8, 30, 16),
            0o644 << 16,
        )
        assert one.filename == SIGNATURE or first.read(one) == second.read(other)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/a",
        "../a",
        "a/../b",
        "a\\b",
        "C:a",
        "mimetype",
        "MIMETYPE",
        "META-INF/manifest.xml",
        "a\x00b",
        "a//b",
        "./a",
        "a/",
        "Letter.JSON",
        "a\u202eb",
        "meta-inf/x",
    ],
)
def test_names_that_could_mean_another_file_are_refused(signer: CadesSigner, name: str) -> None:
    with pytest.raises(SigningError) as caught:
        build_container({"letter.json": b"", name: b""}, signer, timestamp=None, at=AT)
    assert caught.value.code == "signing.file-name"
