"""Write config/static/karpusheh/images/icons.svg from the packages' icons: one file instead of a whole icon font;
and images/emblems/<sector>.svg, the star plates as files of their own, for paper and other programs.

Usage: python scripts/build_icons.py, after `npm ci` and a change of config/icons.py.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "node_modules" / "bootstrap-icons" / "icons"
TARGET = ROOT / "config" / "static" / "karpusheh" / "images" / "icons.svg"
PLATES = {
    "sand": "#e7d9b4",
    "amber": "#efdda6",
    "green": "#cfe3d6",
    "blue": "#d3dcea",
    "violet": "#ded5e6",
    "cyan": "#d2e4e4",
    "well": "#ece6d9",
    "ink": "#13282b",
}
STAR = '<symbol id="star" viewBox="0 0 32 32"><path d="{}"/></symbol>'
STAR_CHECK = '<symbol id="star-check" viewBox="0 0 32 32"><path fill-rule="evenodd" d="{}{}"/></symbol>'
CHECK_PATH = "M21.6 10.9a1.6 1.6 0 0 1 2.3 2.3l-8.2 8.2a1.6 1.6 0 0 1-2.3 0l-4-4a1.6 1.6 0 0 1 2.3-2.3l2.85 2.85z"
STAR_PATH = (
    "M16 0l4.69 4.69h6.62v6.62L32 16l-4.69 4.69v6.62h-6.62L16 32l-4.69-4.69H4.69v-6.62L0 16l4.69-4.69V4.69h6.62z"
)


def build_sprite(names: list[str]) -> str:
    """One SVG with a symbol for each name and our eight-point star."""
    symbols = [STAR.format(STAR_PATH), STAR_CHECK.format(STAR_PATH, CHECK_PATH)]
    symbols += [f'<symbol id="{name}" viewBox="0 0 16 16">{drawing(name)}</symbol>' for name in names]
    notice = "<!-- Icons other than the star: Bootstrap Icons, MIT, Copyright The Bootstrap Authors -->"
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', notice, *symbols, "</svg>", ""])


def build_emblem(icon: str, tint: str) -> str:
    """The star plate of a sector in the light colours of tokens.css, with its icon in the middle."""
    plate, sign = PLATES[tint], "#f5f1e8" if tint == "ink" else "#13282b"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="{plate}" d="{STAR_PATH}"/>'
        f'<g fill="{sign}" transform="translate(9.3 9.3) scale(.8375)">{drawing(icon)}</g></svg>\n'
    )


def drawing(name: str) -> str:
    """What is inside the package's SVG of that name."""
    svg = (SOURCE / f"{name}.svg").read_text(encoding="utf-8")
    match = re.search(r"<svg[^>]*>(.*)</svg>", svg, re.DOTALL)
    if match is None:
        raise SystemExit(f"{name}.svg is not the drawing that was expected")
    return " ".join(match[1].split())


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    from config.icons import ICONS
    from config.states import EMBLEMS

    TARGET.write_text(build_sprite(sorted(ICONS)), encoding="utf-8")
    for sector, (icon, tint) in EMBLEMS.items():
        (TARGET.parent / "emblems" / f"{sector}.svg").write_text(build_emblem(icon, tint), encoding="utf-8")
    print(f"{len(ICONS)} icons, {TARGET.stat().st_size} bytes")
