"""Letters on paper: letter.json and dispatch.json become a PDF/A-3b that carries both, byte for byte.

`sheet` computes what is printed, `letter_1/` lays it out in Typst, `renderer` runs Typst in a process of its own.
The same input gives the same bytes for as long as the template, the fonts and Typst are the same. Sealing the PDF is
`signing`'s work.
"""

from correspondence.typesetting.errors import RenderFailed, UnprintableText
from correspondence.typesetting.glyphs import check_printable
from correspondence.typesetting.letter import render_letter
from correspondence.typesetting.template import TEMPLATE

__all__ = ["TEMPLATE", "RenderFailed", "UnprintableText", "check_printable", "render_letter"]
