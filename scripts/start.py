"""What `./run` does once it has found a Python: prepare the environment, then become the server or the journey."""

import argparse
import os
import sys
from collections.abc import Sequence

from environment import PYTHON, ROOT, Unusable, prepare


def main() -> None:
    """Never returns when all is well: the process becomes the program, so that Ctrl-C reaches it alone."""
    options, rest = _parser().parse_known_args()
    command = _command(options, rest)
    try:
        prepare("base")
    except Unusable as reason:
        sys.exit(f"run: {reason}")
    except KeyboardInterrupt:
        sys.exit("\nrun: stopped; the next start goes on from here")
    os.execv(PYTHON, [str(PYTHON), *command])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./run",
        description="Serve Karpusheh on http://127.0.0.1:8000 (HOST, PORT; data in KARPUSHEH_DATA, default var/).",
        epilog="./run journey [FOLDER] sends a folder's letter through the whole system and writes what came of it.",
    )
    parser.add_argument("what", nargs="?", choices=["serve", "journey"], default="serve")
    parser.add_argument("--reset", action="store_true", help="delete all data first, after asking")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    return parser


def _command(options: argparse.Namespace, rest: Sequence[str]) -> list[str]:
    if options.what == "journey":
        return [str(ROOT / "scripts" / "journey.py"), *rest]
    if rest:
        _parser().error(f"unknown: {' '.join(rest)}")
    flags = [flag for flag, wanted in (("--reset", options.reset), ("--yes", options.yes)) if wanted]
    return [str(ROOT / "manage.py"), "serve", *flags]


if __name__ == "__main__":
    main()
