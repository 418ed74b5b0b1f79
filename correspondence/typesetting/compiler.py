"""The typesetting process: one Typst compiler that answers one letter at a time over its standard input and output.

Started by `renderer` as a script, so that it loads neither Django nor the caller's main module. A request is a frame
of JSON (`inputs`, `timestamp`, `seconds`), an answer a frame that begins with `P` (the PDF) or `E` (a sentence); a
frame is four bytes of length (big-endian) and the bytes. The process ends when its input does.
"""

import json
import signal
import struct
import sys
from typing import IO

import typst

LENGTH = struct.Struct(">I")
# PDF/UA-1 (ISO 14289-1) is for readers who do not see. Typst makes no such file when the block at the foot of the first
# page falls into a list, since it would stand within the list's tags; such a letter is PDF/A alone.
STANDARDS = (["a-3b", "ua-1"], ["a-3b"])


def main(template: str, root: str, fonts: str) -> None:
    """Answer requests until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes our input
    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])
    compiler = typst.Compiler(template, root=root, font_paths=known, ignore_system_fonts=True)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while frame := read_frame(requests):
        write_frame(answers, _answer(compiler, json.loads(frame)))


def read_frame(stream: IO[bytes]) -> bytes:
    """The next frame's bytes, or nothing when the stream has ended, even in the middle of a frame."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return b""
    length = LENGTH.unpack(head)[0]
    body = stream.read(length)
    return body if len(body) == length else b""


def write_frame(stream: IO[bytes], body: bytes) -> None:
    """Write one frame and flush; OSError when the other side is gone."""
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


def _answer(compiler: typst.Compiler, request: dict[str, object]) -> bytes:
    # The default action of SIGALRM ends the process, even in the midst of Typst; the caller sees the end of our output.
    signal.setitimer(signal.ITIMER_REAL, float(str(request["seconds"])))
    try:
        return _compiled(compiler, request, *STANDARDS)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _compiled(compiler: typst.Compiler, request: dict[str, object], standards: list[str], *others: list[str]) -> bytes:
    """The PDF under the first of the standards that Typst can keep."""
    try:
        pdf = compiler.compile(
            sys_inputs=request["inputs"],  # type: ignore[arg-type]
            format="pdf",
            pdf_standards=standards,  # type: ignore[arg-type]
            timestamp=request["timestamp"],  # type: ignore[arg-type]
        )
    except typst.TypstError as error:
        return _compiled(compiler, request, *others) if others else b"E" + error.diagnostic.encode()
    return b"P" + pdf if isinstance(pdf, bytes) else b"E" + b"no single document"


if __name__ == "__main__":
    main(*sys.argv[1:])
