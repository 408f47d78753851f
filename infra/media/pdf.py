"""PDF papers without their metadata: written anew, with what its pages show and nothing else. Source: ISO 32000-1.

Title, author, XMP, thumbnails, data of applications, older versions and bytes around the document are left out, and so
is metadata inside JPEG pictures. A signed paper is stored as it is: any change would break the signature.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import pikepdf
from pikepdf import Dictionary, Name, Object, Pdf, Stream

from infra.media.faults import BROKEN, Fault, MediaFault
from infra.media.images import jpeg
from infra.media.pieces import Pieces

_LEFT_OUT = (Name.Metadata, Name.PieceInfo, Name.LastModified, Name.Thumb, Name.AF)
_RUN_BY_ITSELF = (Name.OpenAction, Name.AA, Name.URI, Name.SpiderInfo)
"""Of the catalog: actions that need no click, and where the paper came from."""


def pdf(content: memoryview) -> Pieces:
    """Raises `MediaFault`, also for one with a password, and for one that holds other files."""
    try:
        with Pdf.open(io.BytesIO(content)) as paper:
            if not len(paper.pages):
                raise MediaFault(Fault.DAMAGED)
            return [content] if _is_signed(paper) else [_cleaned(paper)]
    except pikepdf.PasswordError:
        raise MediaFault(Fault.PROTECTED) from None
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, *BROKEN):
        raise MediaFault(Fault.DAMAGED) from None


def _is_signed(paper: Pdf) -> bool:
    dictionaries = (each for each in paper.objects if isinstance(each, Dictionary))
    return any(Name.ByteRange in each and Name.Contents in each for each in dictionaries)


def _cleaned(paper: Pdf) -> bytes:
    if len(paper.attachments):
        raise MediaFault(Fault.ENCLOSES)
    for each in paper.objects:
        if not isinstance(each, Dictionary | Stream):
            continue
        if Name.EF in each:
            raise MediaFault(Fault.ENCLOSES)
        _without(each, _LEFT_OUT)
        if isinstance(each, Stream):
            _clean_stream(each)
    _without(paper.Root, _RUN_BY_ITSELF)
    _without(paper.Root.get(Name.Names, Dictionary()), (Name.JavaScript,))
    _without(paper.trailer, (Name.Info,))
    return _written(paper)


def _without(found: Object, names: Iterable[Name]) -> None:
    for name in names:
        if name in found:
            del found[name]


def _clean_stream(stream: Stream) -> None:
    if stream.get(Name.Type) == Name.Metadata:
        stream.write(b"")
    elif stream.get(Name.Subtype) == Name.Image and _only(stream.get(Name.Filter)) == Name.DCTDecode:
        try:
            picture = b"".join(jpeg(memoryview(stream.read_raw_bytes())))
        except BROKEN:
            return  # readers show what they can of it
        parameters = _only(stream.get(Name.DecodeParms))
        stream.write(
            picture, filter=Name.DCTDecode, decode_parms=parameters if isinstance(parameters, Dictionary) else None
        )


def _only(found: Object | None) -> Object | None:
    """What a list of one holds."""
    return found[0] if isinstance(found, pikepdf.Array) and len(found) == 1 else found


def _written(paper: Pdf) -> bytes:
    out = io.BytesIO()
    paper.save(out, encryption=paper.is_encrypted, deterministic_id=not paper.is_encrypted, fix_metadata_version=False)
    return out.getvalue()
