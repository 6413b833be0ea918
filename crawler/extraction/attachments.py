"""Which references lead to documents."""

from __future__ import annotations

import re

_FILE_NAME = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|rtf|odt|ods|zip|rar|7z)(?:[?#&]|$)", re.IGNORECASE
)
_DOCUMENT_PATH = re.compile(r"/documents/\d+/\d+/[^/]+")
_PICTURE = re.compile(r"\.(?:jpe?g|jfif|png|gif|bmp|webp|tiff?)(?:[/?#]|$)", re.IGNORECASE)


def is_document(reference: str) -> bool:
    """Whether a reference leads to a document that can be an attachment.

    Liferay keeps pictures and documents alike under ``/documents/<group>/<folder>/<name>/<id>``:
    there the name decides, and a name that says nothing is a document.
    """
    if _FILE_NAME.search(reference):
        return True
    if "/documents/" in reference:
        return _DOCUMENT_PATH.search(reference) is not None and not _PICTURE.search(reference)
    return "download=1" in reference
