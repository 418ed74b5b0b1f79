"""Makers of forged PDFs: each takes a sealed file (or one about to be sealed) and does what a forger would do."""

import re
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.embed import EmbeddedFileObject, FileSpec, embed_file
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

_RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]")
FORGED = b"BT /F1 24 Tf 50 500 Td (The amount is 9,000,000 rials.) Tj ET"


def flip_byte(pdf: bytes, position: int) -> bytes:
    return pdf[:position] + bytes([pdf[position] ^ 1]) + pdf[position + 1 :]


def sealed_text_position(pdf: bytes) -> int:
    """A place in the first object stream that is drawn: signed, and not part of the file's structure."""
    match = re.search(rb">>\s*stream\r?\n", pdf)
    assert match is not None
    return match.end() + 30


def replace_page(pdf: bytes) -> bytes:
    """The first page gets other content in an incremental update."""
    writer = _writer(pdf)
    page = _page(writer)
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=FORGED))
    writer.mark_update(page.container_ref)
    return _written(writer)


def overwrite_page_content(pdf: bytes) -> bytes:
    """The very stream that the first page draws is defined anew."""
    writer = _writer(pdf)
    stream = _page(writer).raw_get("/Contents").get_object()
    stream._data = FORGED
    stream._encoded_data = None
    stream.pop("/Filter", None)
    writer.mark_update(stream.container_ref)
    return _written(writer)


def cover_with_annotation(pdf: bytes) -> bytes:
    """A note is laid over the amount."""
    writer = _writer(pdf)
    page = _page(writer)
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/FreeText"),
            pdf_name("/Rect"): generic.ArrayObject(generic.NumberObject(one) for one in (50, 700, 300, 800)),
            pdf_name("/DA"): generic.pdf_string("/Helv 12 Tf"),
            pdf_name("/Contents"): generic.pdf_string("9,000,000"),
        }
    )
    annotations = page["/Annots"] if "/Annots" in page else generic.ArrayObject()
    page["/Annots"] = generic.ArrayObject([*annotations, writer.add_object(note)])
    writer.mark_update(page.container_ref)
    return _written(writer)


def attach_file(pdf: bytes, name: str = "annex.txt", data: bytes = b"one more duty") -> bytes:
    writer = _writer(pdf)
    stream = EmbeddedFileObject.from_file_data(writer, data=data)
    embed_file(writer, FileSpec(file_spec_string=name, file_name=name, embedded_data=stream))
    return _written(writer)


def attach_letters(pdf: bytes, entries: list[tuple[str, str, str, bytes, bytes]]) -> bytes:
    """Files under all the names that PDF has for one: in the list, twice in the entry; and with two contents."""
    writer = _writer(pdf)
    listed: list[Any] = []
    for key, file_name, unicode_name, content, other in entries:
        streams = [EmbeddedFileObject.from_file_data(writer, data=data).ef_stream_ref for data in (content, other)]
        if content == other:
            streams[1] = streams[0]
        embedded = {pdf_name("/F"): streams[0], pdf_name("/UF"): streams[1]}
        specification = {
            pdf_name("/Type"): pdf_name("/Filespec"),
            pdf_name("/F"): generic.pdf_string(file_name),
            pdf_name("/UF"): generic.pdf_string(unicode_name),
            pdf_name("/EF"): generic.DictionaryObject(embedded),
        }
        listed += [generic.pdf_string(key), writer.add_object(generic.DictionaryObject(specification))]
    names = generic.DictionaryObject({pdf_name("/Names"): generic.ArrayObject(listed)})
    writer.root["/Names"] = generic.DictionaryObject({pdf_name("/EmbeddedFiles"): names})
    writer.update_root()
    return _written(writer)


def attach_in_note(pdf: bytes, name: str, data: bytes) -> bytes:
    """A file in a note on the page, outside of the document's list of files."""
    writer = _writer(pdf)
    stream = EmbeddedFileObject.from_file_data(writer, data=data).ef_stream_ref
    specification = {
        pdf_name("/F"): generic.pdf_string(name),
        pdf_name("/EF"): generic.DictionaryObject({pdf_name("/F"): stream}),
    }
    note = {
        pdf_name("/Type"): pdf_name("/Annot"),
        pdf_name("/Subtype"): pdf_name("/FileAttachment"),
        pdf_name("/Rect"): generic.ArrayObject(generic.NumberObject(one) for one in (50, 700, 60, 710)),
        pdf_name("/FS"): generic.DictionaryObject(specification),
    }
    page = _page(writer)
    page["/Annots"] = generic.ArrayObject([writer.add_object(generic.DictionaryObject(note))])
    writer.mark_update(page.container_ref)
    return _written(writer)


def rename_document(pdf: bytes) -> bytes:
    """Another title in the description."""
    writer = _writer(pdf)
    writer.trailer["/Info"]["/Title"] = generic.pdf_string("Court order")
    writer.mark_update(writer.trailer.raw_get("/Info"))
    return _written(writer)


def add_orphan(pdf: bytes) -> bytes:
    """An object that nothing refers to: material for a later switch."""
    writer = _writer(pdf)
    writer.add_object(generic.StreamObject(stream_data=FORGED))
    return _written(writer)


def append_empty_revision(pdf: bytes) -> bytes:
    """Garbage that ends as a PDF must, pointing back to the last table."""
    last: bytes = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    return pdf + b"% hidden words\nstartxref\n" + last + b"\n%%EOF\n"


def transplant(pdf: bytes, donor: bytes) -> bytes:
    """The signature of another document is put in the place of this one's."""
    start, end = gap(pdf)
    stolen, length = donor[slice(*gap(donor))].strip(b"<>"), end - start - 2
    assert not stolen[length:].strip(b"0")
    return pdf[: start + 1] + stolen[:length].ljust(length, b"0") + pdf[end - 1 :]


def replace_contents(pdf: bytes, filling: bytes) -> bytes:
    """The place of the signature holds `filling` (hex), repeated."""
    start, end = gap(pdf)
    length = end - start - 2
    return pdf[: start + 1] + (filling * length)[:length] + pdf[end - 1 :]


def widen_gap(pdf: bytes, by: int) -> bytes:
    """The signature claims to cover fewer bytes, so that those behind it can be changed."""
    match = _RANGE.search(pdf)
    assert match is not None
    a, b, c, d = map(int, match.groups())
    return _with_range(pdf, f"/ByteRange [{a} {b} {c + by} {d - by}]")


def shorten_range(pdf: bytes, by: int) -> bytes:
    match = _RANGE.search(pdf)
    assert match is not None
    a, b, c, d = map(int, match.groups())
    return _with_range(pdf, f"/ByteRange [{a} {b} {c} {d - by}]")


def smuggle_into_gap(pdf: bytes) -> bytes:
    """A dictionary entry is written into the unsigned gap, in the room that the padding leaves."""
    _start, end = gap(pdf)
    entry = b"> /Evil (unsigned) /X <00"
    return pdf[: end - 1 - len(entry)] + entry + pdf[end - 1 :]


def one_hex_letter_in_the_other_case(pdf: bytes) -> bytes:
    """A byte differs, the value does not."""
    start, end = gap(pdf)
    position = next(i for i in range(start, end) if pdf[i : i + 1].isalpha())
    return pdf[:position] + pdf[position : position + 1].swapcase() + pdf[position + 1 :]


def end_of_padding(pdf: bytes) -> int:
    return gap(pdf)[1] - 3


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the hex string of the first signature begins and ends, with its brackets."""
    match = _RANGE.search(pdf)
    assert match is not None
    return int(match.group(2)), int(match.group(3))


# Prepared before the seal: the file is intact, and deceives all the same.


def with_layer(pdf: bytes) -> bytes:
    """A layer that a switch can hide (shadow attack "hide")."""
    writer = _writer(pdf)
    layer = writer.add_object(
        generic.DictionaryObject({pdf_name("/Type"): pdf_name("/OCG"), pdf_name("/Name"): generic.pdf_string("cover")})
    )
    writer.root["/OCProperties"] = generic.DictionaryObject(
        {
            pdf_name("/OCGs"): generic.ArrayObject([layer]),
            pdf_name("/D"): generic.DictionaryObject({pdf_name("/ON"): generic.ArrayObject([layer])}),
        }
    )
    writer.update_root()
    return _written(writer)


def with_action(pdf: bytes, kind: str) -> bytes:
    """Something runs when the file is opened. The kind stands in an object of its own, where it is easily missed."""
    writer = _writer(pdf)
    action = {pdf_name("/S"): writer.add_object(pdf_name(kind)), pdf_name("/F"): generic.pdf_string("other")}
    writer.root["/OpenAction"] = writer.add_object(generic.DictionaryObject(action))
    writer.update_root()
    return _written(writer)


def with_form_field(pdf: bytes) -> bytes:
    writer = _writer(pdf)
    field = generic.DictionaryObject(
        {
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): generic.pdf_string("amount"),
            pdf_name("/V"): generic.pdf_string("1"),
        }
    )
    form = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject([writer.add_object(field)])})
    writer.root["/AcroForm"] = writer.add_object(form)
    writer.update_root()
    return _written(writer)


def with_xfa(pdf: bytes) -> bytes:
    """A form in XML that some viewers show in place of the pages."""
    writer = _writer(pdf)
    form = {pdf_name("/Fields"): generic.ArrayObject(), pdf_name("/XFA"): generic.StreamObject(stream_data=b"<xdp/>")}
    form[pdf_name("/XFA")] = writer.add_object(form[pdf_name("/XFA")])
    writer.root["/AcroForm"] = writer.add_object(generic.DictionaryObject(form))
    writer.update_root()
    return _written(writer)


def with_external_stream(pdf: bytes) -> bytes:
    writer = _writer(pdf)
    stream = generic.StreamObject({pdf_name("/F"): generic.pdf_string("http://example.org/page")}, stream_data=b"")
    writer.root["/PieceInfo"] = writer.add_object(stream)
    writer.update_root()
    return _written(writer)


def with_hidden_signature(pdf: bytes) -> bytes:
    """A signature dictionary that no field shows."""
    writer = _writer(pdf)
    hidden = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Sig"),
            pdf_name("/ByteRange"): generic.ArrayObject(generic.NumberObject(one) for one in (0, 1, 2, 3)),
            pdf_name("/Contents"): generic.ByteStringObject(b"0"),
        }
    )
    writer.root["/PieceInfo"] = writer.add_object(hidden)
    writer.update_root()
    return _written(writer)


def _writer(pdf: bytes) -> IncrementalPdfFileWriter:
    return IncrementalPdfFileWriter(BytesIO(pdf))


def _page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0].get_object()


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def _with_range(pdf: bytes, text: str) -> bytes:
    match = _RANGE.search(pdf)
    assert match is not None
    whole = pdf[match.start() : match.end()]
    new = text.encode()[:-1].ljust(len(whole) - 1) + b"]"
    assert len(new) == len(whole)
    return pdf[: match.start()] + new + pdf[match.end() :]
