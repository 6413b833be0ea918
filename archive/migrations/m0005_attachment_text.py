"""The text of attachments: which captures are files, what each payload says, page by page.

All of it is derived from versions and captures, by `huyen attachments`; see archive.attachments.
And what is withheld is found faster.
"""

STATEMENTS = (
    """
    CREATE TABLE attachment_link (                 -- version.attachments, one row each
        version_id INTEGER NOT NULL REFERENCES version(id),
        position INTEGER NOT NULL,                 -- 0, 1, … within the version
        url_key TEXT NOT NULL,
        url TEXT NOT NULL,
        label TEXT NOT NULL,
        PRIMARY KEY (version_id, position)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX attachment_link_key ON attachment_link(url_key)",
    """
    CREATE TABLE attachment_source (               -- under this address these bytes were answered
        url_key TEXT NOT NULL,                     -- as linked; the bytes may be behind redirects
        payload_digest TEXT NOT NULL,
        capture_id INTEGER NOT NULL REFERENCES capture(id),  -- the first that brought them
        PRIMARY KEY (url_key, payload_digest)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX attachment_source_digest ON attachment_source(payload_digest)",
    """
    CREATE TABLE attachment_file (                 -- a payload that was read, under however many addresses
        id INTEGER PRIMARY KEY,
        payload_digest TEXT NOT NULL UNIQUE,
        capture_id INTEGER NOT NULL REFERENCES capture(id),  -- whose bytes were read
        file_type TEXT NOT NULL,                   -- archive.attachments.file_types; '': cannot be told
        state TEXT NOT NULL,                       -- archive.attachments.file_text.State
        reason TEXT NOT NULL DEFAULT '',
        engine TEXT NOT NULL DEFAULT '',           -- library and version
        reading INTEGER NOT NULL,                  -- archive.attachments.storage.READING of then
        parts INTEGER NOT NULL,
        characters INTEGER NOT NULL,
        read_at TEXT NOT NULL,
        run_id INTEGER NOT NULL REFERENCES run(id)
    )
    """,
    """
    CREATE TABLE attachment_part (
        file_id INTEGER NOT NULL REFERENCES attachment_file(id),
        number INTEGER NOT NULL,                   -- 1, 2, … within the file
        kind TEXT NOT NULL,                        -- page, sheet, slide, text, listing
        name TEXT NOT NULL DEFAULT '',             -- of a sheet
        how TEXT NOT NULL,                         -- text, ocr; scan, garbled: not recognised yet
        text TEXT NOT NULL,
        engine TEXT NOT NULL DEFAULT '',           -- that recognised it, or tried to
        language TEXT NOT NULL DEFAULT '',         -- of the recognition, as Tesseract names it
        confidence REAL,                           -- mean of its words, 0 to 100
        reason TEXT NOT NULL DEFAULT '',           -- why it could not be recognised
        indexed INTEGER NOT NULL DEFAULT 0,        -- whether its text is part of the file's entry
        PRIMARY KEY (file_id, number)
    )
    """,
    "CREATE INDEX attachment_part_unindexed ON attachment_part(file_id) WHERE indexed = 0",
    """
    CREATE INDEX attachment_part_waiting ON attachment_part(file_id, number)
    WHERE how IN ('scan', 'garbled') AND engine = ''
    """,
    # Contentless, rowid = attachment_file.id. The columns are those of version_fts, so that a query
    # is the same expression for both; a file has no title.
    """
    CREATE VIRTUAL TABLE attachment_fts USING fts5(
        title_exact, body_exact, title_folded, body_folded,
        content='', tokenize="unicode61 remove_diacritics 0"
    )
    """,
    # As in m0002, in an order that does not look at every capture and version to find that none is
    # withheld: a search asks for each file that it found.
    "CREATE INDEX capture_refers_to ON capture(refers_to) WHERE refers_to IS NOT NULL",
    "DROP VIEW withheld_capture",
    """
    CREATE VIEW withheld_capture AS
    WITH named(id) AS (
        SELECT r.capture_id FROM article a CROSS JOIN reading r ON r.article_id = a.id
        WHERE a.status = 'withheld'
        UNION SELECT c.id FROM article a CROSS JOIN article_url u ON u.article_id = a.id
        CROSS JOIN capture c ON c.url_key = u.url_key AND c.site = u.site WHERE a.status = 'withheld'
        UNION SELECT v.capture_id FROM withheld_version w CROSS JOIN version v ON v.id = w.id
        UNION SELECT r.capture_id FROM withheld_version w CROSS JOIN version v ON v.id = w.id
        CROSS JOIN reading r ON r.article_id = v.article_id AND r.version_id = v.id
        UNION SELECT c.id FROM withheld_file f
        CROSS JOIN capture c ON c.url_key = f.url_key AND c.site = f.site)
    SELECT id FROM named
    UNION SELECT c.id FROM named n CROSS JOIN capture c ON c.refers_to = n.id
    """,
    # Where a file may be shown: by each article that is shown and links to it; by itself only where
    # no article, not even one that is withheld, has ever linked to it.
    """
    CREATE VIEW attachment_place AS
    SELECT f.id AS file_id, a.id AS article_id, l.version_id, l.version_id = a.version_id AS is_current,
           a.site, l.url, l.label, s.capture_id
    FROM attachment_file f JOIN attachment_source s ON s.payload_digest = f.payload_digest
    JOIN attachment_link l ON l.url_key = s.url_key
    JOIN version v ON v.id = l.version_id JOIN article a ON a.id = v.article_id
    WHERE a.status <> 'withheld' AND v.id NOT IN (SELECT id FROM withheld_version)
      AND s.capture_id NOT IN (SELECT id FROM withheld_capture)
    UNION ALL
    SELECT f.id, NULL, NULL, NULL, c.site, c.url, '', s.capture_id
    FROM attachment_file f JOIN attachment_source s ON s.payload_digest = f.payload_digest
    JOIN capture c ON c.id = s.capture_id
    WHERE s.capture_id NOT IN (SELECT id FROM withheld_capture)
      AND NOT EXISTS (
        SELECT 1 FROM attachment_source t JOIN attachment_link l ON l.url_key = t.url_key
        WHERE t.payload_digest = f.payload_digest)
    """,
    """
    CREATE VIEW attachments AS
    SELECT a.id AS article_id, a.site, l.url, l.label, f.file_type,
           CASE WHEN s.capture_id IS NULL THEN 'not captured' WHEN s.hidden THEN 'withheld'
                WHEN f.id IS NULL THEN 'not read' ELSE f.state END AS state,
           f.reason, f.parts, f.characters, f.engine, f.read_at, f.id AS file_id,
           iif(s.hidden, NULL, s.payload_digest) AS payload_digest,
           iif(s.hidden, NULL, s.capture_id) AS capture_id
    FROM article a JOIN attachment_link l ON l.version_id = a.version_id
    LEFT JOIN (
        SELECT url_key, payload_digest, capture_id,
               capture_id IN (SELECT id FROM withheld_capture) AS hidden
        FROM attachment_source) s ON s.url_key = l.url_key
    LEFT JOIN attachment_file f ON f.payload_digest = s.payload_digest AND NOT s.hidden
    WHERE a.status <> 'withheld'
    UNION ALL
    SELECT NULL, p.site, p.url, p.label, f.file_type, f.state, f.reason, f.parts, f.characters, f.engine,
           f.read_at, f.id, f.payload_digest, p.capture_id
    FROM attachment_place p JOIN attachment_file f ON f.id = p.file_id WHERE p.article_id IS NULL
    """,
    """
    CREATE VIEW attachment_texts AS
    SELECT t.file_id, t.number, t.kind, t.name, t.how, t.text, t.engine, t.language, t.confidence,
           t.reason, f.payload_digest
    FROM attachment_part t JOIN attachment_file f ON f.id = t.file_id
    WHERE t.file_id IN (SELECT file_id FROM attachment_place)
    """,
)
