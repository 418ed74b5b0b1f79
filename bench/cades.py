"""How many signatures, tokens and seals one core makes: `python bench/cades.py [seconds for each]`."""

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import typst

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from signing.asic import build_container
from signing.backends.local import LocalSigning, LocalTimestamps
from signing.cms import CadesSigner
from signing.pdf import seal_pdf

AGENCY = "seal:14000000001"


def main(seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        keys, clock = LocalSigning(Path(folder) / "pki"), LocalTimestamps(Path(folder) / "pki")
        started = time.perf_counter()
        for number in range(60):
            keys.ensure(f"person:{number}", name="مریم احمدی", title="مدیرکل", organisation="سازمان ثبت نمونه")
        print(f"{'60 keys in seconds':<24}{time.perf_counter() - started:>10.2f}")
        keys.ensure(AGENCY, name="سازمان ثبت نمونه")
        signer, at = CadesSigner(keys.chain(AGENCY), partial(keys.sign, AGENCY)), datetime.now(UTC)
        (Path(folder) / "letter.typ").write_text("= Letter")
        pdf = typst.compile(str(Path(folder) / "letter.typ"), format="pdf", pdf_standards=["a-3b"])
        letter = "سلام".encode() * 400
        digest = hashlib.sha256(letter).digest()
        seal = partial(seal_pdf, pdf, signer, timestamp=clock.timestamp, at=at, reason="-", name="-")
        container = partial(build_container, {"a": letter}, signer, timestamp=clock.timestamp, at=at)
        report("CAdES B-B", partial(signer.sign, letter, at), seconds)
        report("CAdES B-T", partial(signer.sign, letter, at, timestamp=clock.timestamp), seconds)
        report("time-stamp tokens", partial(clock.timestamp, digest), seconds)
        report("PAdES B-T seals", seal, seconds)
        report("ASiC-E containers", container, seconds)


def report(name: str, work: Callable[[], bytes], seconds: float) -> None:
    """Print the rate for a second of this process's own time, which other programs do not disturb."""
    done, started = 0, time.process_time()
    while (spent := time.process_time() - started) < seconds:
        work()
        done += 1
    print(f"{name:<24}{done / spent:>10,.0f}/s{len(work()):>10,} bytes")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
