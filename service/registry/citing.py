"""A citation on its way in: checked against the document's text as far as it is known here, and completed."""

import hashlib

from msgspec.structs import replace

from service.domain import errors
from service.domain.values import Citation


def complete(citation: Citation, length: int | None, text: str | None, pointer: str) -> Citation:
    """A citation by offsets and hash, checked against the document's text as far as it is known.

    `length` is the registered text's, in code points; `text` the text itself where it is held here.
    """
    subject = f"documents/{citation.document}"
    if citation.locator is not None:
        return citation
    if length is None:
        raise errors.NoText(pointer, subject=subject)
    if citation.quote is not None:
        if text is None:
            raise errors.TextNotHeld(f"{pointer}/quote", subject=subject)
        start, count = -1, text.count(citation.quote)
        wanted = citation.occurrence or 1
        if count == 0 or wanted > count:
            times = f" {wanted} times" if count else ""
            raise errors.QuoteNotFound(f"{pointer}/quote", subject=subject, times=times)
        if count > 1 and citation.occurrence is None:
            raise errors.QuoteAmbiguous(f"{pointer}/occurrence", subject=subject, count=count)
        for _ in range(wanted):
            start = text.index(citation.quote, start + 1)
        end = start + len(citation.quote)
        return replace(citation, start=start, end=end, sha256=slice_hash(text, start, end), quote=None, occurrence=None)
    begin, end = citation.start or 0, citation.end or 0
    if end > length:
        raise errors.CitationOutside(f"{pointer}/end", subject=subject, end=end, length=length)
    if text is None:
        if citation.sha256 is None:
            raise errors.CitationIncomplete(f"{pointer}/sha256", subject=subject)
        return citation
    actual = slice_hash(text, begin, end)
    if citation.sha256 is None:
        return replace(citation, sha256=actual)
    if citation.sha256 != actual:
        raise errors.CitationHash(f"{pointer}/sha256", subject=subject, start=begin, end=end, actual=actual)
    return citation


def slice_hash(text: str, start: int, end: int) -> str:
    """The SHA-256 of a slice's UTF-8, in hex, as citations carry it."""
    return hashlib.sha256(text[start:end].encode()).hexdigest()
