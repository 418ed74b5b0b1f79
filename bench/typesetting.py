"""How many letters a second are put on paper, with the process kept and with a fresh one for each.

`python bench/typesetting.py [letters]`; one core works, the caller waits.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from correspondence.typesetting import render_letter
from correspondence.typesetting.renderer import RENDERER
from tests.correspondence.letters import dispatch_json, letter_json


def main(letters: int) -> None:
    texts = [letter_json(subject=f"اعلام نظر دربارهٔ طرح شمارهٔ {n}") for n in range(letters)]
    sent = dispatch_json()
    size = len(render_letter(texts[0], sent))
    print(f"{letters} different letters of one page, {size / 1000:.0f} kB each")
    for name, render in (("reused", render_letter), ("fresh", _fresh), ("reused", render_letter)):
        count = letters if name == "reused" else max(5, letters // 10)
        print(f"{name:<8}{_rate(render, texts[:count], sent):>8.1f} letters/s")
    print(f"{'json':<8}{_rate(lambda letter, _: json.loads(letter), texts, sent):>8.0f} letters/s parsed only")


def _fresh(letter: bytes, dispatch: bytes) -> bytes:
    RENDERER.close()
    return render_letter(letter, dispatch)


def _rate(render: Callable[[bytes, bytes], object], letters: list[bytes], dispatch: bytes) -> float:
    started = time.perf_counter()
    for letter in letters:
        render(letter, dispatch)
    return len(letters) / (time.perf_counter() - started)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
