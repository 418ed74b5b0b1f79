"""Endings and first bytes of files that are never attached, and never hidden in what is attached."""

PROGRAMS = frozenset(
    "exe com scr pif bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta msi msp msc cpl dll sys jar apk app dmg pkg deb rpm sh"
    " bash py pl rb php lnk url reg inf scf chm gadget elf bin iso img vhd xll".split()
)
MACRO_DOCUMENTS = frozenset("docm dotm xlsm xltm xlam pptm potm ppsm".split())
ARCHIVES = frozenset("zip rar 7z gz tgz bz2 xz tar cab arj ace zst lz lzh".split())
WEB_PAGES = frozenset("html htm xhtml mht mhtml svg xml xsl".split())
OLD_OFFICE = frozenset("doc dot xls xlt ppt pps rtf odt ods odp wps".split())

PROGRAM_HEADS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"L\0\0\0\x01\x14",
)
ARCHIVE_HEADS = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF")
OLE_HEAD = b"\xd0\xcf\x11\xe0"


def ending(name: str) -> str:
    """What follows the last dot of a file's name, in small letters; empty where there is none."""
    stem, dot, last = name.strip(" .").rpartition(".")
    return last.lower() if dot and stem else ""
