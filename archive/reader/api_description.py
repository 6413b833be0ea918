"""What the interface for programs takes and gives, in OpenAPI 3.1, and whether a request keeps to it.

A program that asks for what does not exist is told so; the pages for people guess instead.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from archive import __version__
from archive.attachments.file_text import How, PartKind
from archive.reader.visit import BadRequest, Visit
from archive.schema import Article, Attachment, Image
from archive.search import Sort
from archive.versions import Cause

MOST_CAPTURES = 1_000  # of one page
_LAST_PAGE = 500

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TRUE: Schema = {"type": "boolean"}
_LINK: Schema = {"type": "string", "format": "uri"}
_DAY: Schema = {
    "type": ["string", "null"],
    "description": "ISO 8601: a bare day, or with time and +07:00, as the portal prints it.",
}
_MOMENT: Schema = {"type": "string", "description": "UTC, YYYY-MM-DDTHH:MM:SS.ffffffZ."}


def description(base: str) -> Schema:
    """The OpenAPI document of a reader at this address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "huyen",
            "version": __version__,
            "description": "An archive of Vietnamese district portals. Read only.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": base}],
        "paths": {path: {"get": _operation(path)} for path in _OPERATIONS},
        "components": {"schemas": _SCHEMAS},
    }


def require_valid(visit: Visit, path: str) -> None:
    """Raises BadRequest, naming the parameter, for a query that the description of that path does not
    allow. Parameters that it does not know are left to pass."""
    for parameter in _OPERATIONS[path]["parameters"]:
        if parameter["in"] != "query":
            continue
        name, schema = parameter["name"], parameter["schema"]
        given = visit.request.query_params.getlist(name)
        many = schema["type"] == "array"
        if not given and parameter.get("required"):
            raise BadRequest(name)
        if len(given) > (schema["maxItems"] if many else 1):
            raise BadRequest(name)
        if not all(_is_valid(text, schema["items"] if many else schema) for text in given):
            raise BadRequest(name)


def _is_valid(text: str, schema: Schema) -> bool:
    if schema["type"] == "integer":
        if not re.fullmatch(r"-?[0-9]{1,18}", text):
            return False
        return bool(schema["minimum"] <= int(text) <= schema.get("maximum", int(text)))
    if "enum" in schema and text not in schema["enum"]:
        return False
    return bool(schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)))


def _parameter(name: str, about: str, schema: Schema, **more: Any) -> Schema:
    return {"name": name, "in": "query", "description": about, "schema": schema, **more}


_FILTERS = [
    _parameter(
        "site",
        "Slug of a portal; repeatable.",
        {"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": 20},
        style="form",
        explode=True,
    ),
    _parameter("province", "Only portals of this province.", _TEXT | {"maxLength": 200}),
    _parameter("category", "Words of the category.", _TEXT | {"maxLength": 500}),
    _parameter(
        "from",
        "Published from: a year, a month or a day. What is no date is left out; notes say so.",
        _TEXT | {"maxLength": 40},
    ),
    _parameter("to", "Published until, inclusive.", _TEXT | {"maxLength": 40}),
]
_PAGE = _parameter("page", "From 1.", {"type": "integer", "minimum": 1, "maximum": _LAST_PAGE})
_LIMIT = _parameter("limit", "A page's length.", {"type": "integer", "minimum": 1, "maximum": 100})
_OPERATIONS: dict[str, Schema] = {
    "/api/search": {
        "summary": "Search the articles.",
        "schema": "Search",
        "failures": ("400", "503"),
        "parameters": [
            _parameter(
                "q",
                "What to look for, with or without diacritics; see docs/commands.md.",
                {"type": "string", "maxLength": 2000},
            ),
            *_FILTERS,
            _parameter("files", "1: only articles with attachments.", _TEXT | {"enum": ["1"]}),
            _parameter("sort", "Order.", _TEXT | {"enum": [sort.value for sort in Sort]}),
            _PAGE,
            _LIMIT,
        ],
    },
    "/api/files": {
        "summary": "Search the attached files, as far as their text has been read.",
        "schema": "Files",
        "failures": ("400", "503"),
        "parameters": [
            _parameter(
                "q",
                "What to look for, as in /api/search.",
                {"type": "string", "minLength": 1, "maxLength": 2000},
                required=True,
            ),
            *_FILTERS,
            _PAGE,
            _LIMIT,
        ],
    },
    "/api/articles/{id}": {
        "summary": "One article: a version of it, and the list of all.",
        "schema": "Article",
        "failures": ("400", "404", "503"),
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "As in the permanent address.",
                "schema": {"type": "integer", "minimum": 1},
            },
            _parameter(
                "version",
                "Its number; without it the current one.",
                {"type": "integer", "minimum": 1, "maximum": 999_999_999},
            ),
        ],
    },
    "/api/captures": {
        "summary": "The captures of an address, oldest first.",
        "schema": "Captures",
        "failures": ("400", "503"),
        "parameters": [
            _parameter(
                "url",
                "The archived address, with or without http://.",
                _TEXT | {"minLength": 1, "maxLength": 4000},
                required=True,
            ),
            _PAGE,
            _parameter(
                "limit",
                "A page's length.",
                {"type": "integer", "minimum": 1, "maximum": MOST_CAPTURES},
            ),
        ],
    },
}


def _operation(path: str) -> Schema:
    known = _OPERATIONS[path]
    responses = {
        "200": _json("Found.", known["schema"]),
        "304": {"description": "As you have it (ETag)."},
    }
    responses |= {status: _json("See `error`.", "Error") for status in known["failures"]}
    return {
        "operationId": re.sub(r"\W+", "_", path.strip("/")).strip("_"),
        "summary": known["summary"],
        "parameters": known["parameters"],
        "responses": responses,
    }


def _json(about: str, schema: str) -> Schema:
    return {"description": about, "content": {"application/json": {"schema": _ref(schema)}}}


def _ref(schema: str) -> Schema:
    return {"$ref": f"#/components/schemas/{schema}"}


def _object(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _texts(of: type) -> dict[str, Schema]:
    return {field.name: _TEXT for field in fields(of)}


_SPANS = _list(
    {
        "type": "array",
        "items": _COUNT,
        "minItems": 2,
        "maxItems": 2,
        "description": "Characters of a match: from, up to.",
    }
)
_VERSION_FACTS: dict[str, Schema] = {
    "version": {"type": "integer", "minimum": 1},
    "current": _TRUE,
    "cause": _TEXT
    | {"description": "Why there is this version.", "enum": [cause.value for cause in Cause]},
    "capture_id": _WHOLE,
    "fetched_at": _MOMENT,
    "extractor": _TEXT,
    "extractor_version": _TEXT,
    "confidence": {"type": "number", "minimum": 0, "maximum": 1},
}
_CONTENT: dict[str, Schema] = {field.name: _TEXT for field in fields(Article)} | {
    "category": _list(_TEXT),
    "published_at": _DAY,
    "updated_at": _DAY,
    "view_count": {"type": ["integer", "null"]},
    "images": _list(_object(**_texts(Image))),
    "attachments": _list(_object(**_texts(Attachment))),
}
_SCHEMAS: dict[str, Schema] = {
    "Search": _object(
        query=_TEXT,
        total=_COUNT | {"description": "Texts found; the same text counts once."},
        approximate=_TRUE
        | {"description": "`total` counts each copy of a text, or has not been looked at in full."},
        typed={
            "type": ["integer", "null"],
            "description": "How many have the diacritics as typed; null where none were.",
        },
        sort=_TEXT,
        page=_WHOLE,
        limit=_WHOLE,
        notes=_list(_TEXT),
        next={"type": ["string", "null"], "description": "The address of the next page."},
        hits=_list(_ref("Hit")),
    ),
    "Hit": _object(
        id=_WHOLE,
        site=_TEXT,
        portal=_TEXT,
        title=_TEXT,
        title_spans=_SPANS,
        url=_TEXT | {"description": "The original address."},
        published_at=_DAY,
        author=_TEXT,
        category=_list(_TEXT),
        attachments=_COUNT,
        snippet=_TEXT,
        snippet_spans=_SPANS,
        exact=_TRUE,
        duplicates=_COUNT,
        score={"type": "number"},
        address=_LINK,
        api=_LINK,
    ),
    "Files": _object(
        query=_TEXT,
        page=_WHOLE,
        limit=_WHOLE,
        notes=_list(_TEXT),
        next={"type": ["string", "null"], "description": "The address of the next page."},
        files=_list(_ref("File")),
    ),
    "File": _object(
        capture_id=_WHOLE,
        payload_digest=_TEXT,
        file_type=_TEXT,
        site=_TEXT,
        url=_TEXT | {"description": "The original address."},
        label=_TEXT | {"description": "The text of the link to it."},
        exact=_TRUE,
        score={"type": "number"},
        articles=_list(_ref("Offering")),
        parts=_list(_ref("Part")),
        file=_LINK | {"description": "The archived file."},
        text=_LINK | {"description": "A page with all its text."},
    ),
    "Offering": _object(
        article_id=_WHOLE,
        site=_TEXT,
        title=_TEXT,
        published_at=_DAY,
        label=_TEXT,
        current=_TRUE
        | {"description": "In the version that is shown, not in an earlier one only."},
        address=_LINK,
        api=_LINK,
    ),
    "Part": _object(
        kind=_TEXT | {"enum": [kind.value for kind in PartKind]},
        number={"type": "integer", "minimum": 1},
        name=_TEXT | {"description": "A sheet's own."},
        how=_TEXT | {"description": "How its text was had.", "enum": [how.value for how in How]},
        snippet=_TEXT,
        snippet_spans=_SPANS,
    ),
    "Article": _object(
        id=_WHOLE,
        site=_TEXT,
        portal=_TEXT,
        province=_TEXT,
        status=_TEXT | {"enum": ["current", "gone"]},
        first_seen=_MOMENT,
        last_seen=_MOMENT,
        duplicate_of={"type": ["integer", "null"]},
        duplicates=_list(_WHOLE),
        urls=_list(_object(url=_TEXT, first_seen=_MOMENT, last_seen=_MOMENT)),
        versions=_list(_object(**_VERSION_FACTS)),
        address=_LINK,
        **_VERSION_FACTS,
        **_CONTENT,
    ),
    "Captures": _object(
        url=_TEXT,
        total=_COUNT,
        page=_WHOLE,
        limit=_WHOLE,
        next={"type": ["string", "null"]},
        captures=_list(_ref("Capture")),
    ),
    "Capture": _object(
        id=_WHOLE,
        url=_TEXT,
        fetched_at=_MOMENT,
        status={"type": ["integer", "null"]},
        media_type=_TEXT,
        replay=_LINK,
        record=_LINK,
    ),
    "Error": _object(
        ("parameter",), error=_TEXT, parameter=_TEXT | {"description": "The one that is wrong."}
    ),
}
