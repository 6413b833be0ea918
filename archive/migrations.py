"""The schema of archive.db, as numbered steps, applied by archive.database.

A step is never edited once it was released.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

APPLICATION_ID = (
    0x48755965  # "HuYe", so that file(1) and others can tell an archive from any SQLite file
)

migrations = Migrations("huyen")


@migrations()
def m0001_archive(db: Database) -> None:
    for statement in INITIAL:
        db.execute(statement)


@migrations()
def m0002_near_duplicates_and_withholding(db: Database) -> None:
    for statement in NEAR_DUPLICATES_AND_WITHHOLDING:
        db.execute(statement)


# Times are UTC, "YYYY-MM-DDTHH:MM:SS.ffffffZ"; published_at and updated_at are local to the portal
# (+07:00, or a bare date). Base tables are singular, the views for people plural.
INITIAL = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID
    """,
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        command TEXT NOT NULL,
        arguments TEXT NOT NULL DEFAULT '[]',      -- JSON list
        software TEXT NOT NULL,                    -- "huyen 0.1.0"
        started_at TEXT NOT NULL,
        ended_at TEXT,
        outcome TEXT,                              -- done, interrupted, failed, killed; NULL: running
        pid INTEGER,
        host TEXT
    )
    """,
    """
    CREATE TABLE site (
        slug TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        province TEXT NOT NULL,
        home TEXT NOT NULL,
        platform TEXT,
        state TEXT NOT NULL,                       -- active, frozen, moved, gone
        since TEXT,
        reason TEXT,
        successor TEXT,
        recorded_at TEXT NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE site_run (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run(id),
        site TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        verdict TEXT,                              -- ok, quiet, empty, blocked, changed, partial, …
        reason TEXT,
        requests INTEGER NOT NULL DEFAULT 0,
        pages INTEGER NOT NULL DEFAULT 0,
        articles INTEGER NOT NULL DEFAULT 0,       -- article pages read
        new INTEGER NOT NULL DEFAULT 0,
        changed INTEGER NOT NULL DEFAULT 0,
        unchanged INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        newest TEXT,                               -- newest published_at seen
        coverage TEXT,                             -- JSON: field -> share of articles that have it
        UNIQUE (run_id, site)
    )
    """,
    "CREATE INDEX site_run_site ON site_run(site, id)",
    """
    CREATE TABLE warc (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL UNIQUE,                 -- relative to the archive; final name, without .open
        site TEXT NOT NULL,
        run_id INTEGER REFERENCES run(id),
        created_at TEXT NOT NULL,
        closed_at TEXT,                            -- NULL while open (the file then ends in .open)
        length INTEGER NOT NULL,                   -- durable bytes that rows may point to; all, when closed
        sha256 TEXT                                -- of the closed file
    )
    """,
    """
    CREATE TABLE capture (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run(id),
        site TEXT NOT NULL,
        url TEXT NOT NULL,
        url_key TEXT NOT NULL,
        method TEXT NOT NULL DEFAULT 'GET',
        fetched_at TEXT NOT NULL,
        status INTEGER,
        media_type TEXT NOT NULL DEFAULT '',
        payload_digest TEXT,                       -- "sha256:<hex>"; NULL without bytes and for 304
        payload_length INTEGER,
        etag TEXT NOT NULL DEFAULT '',             -- as received, for the next conditional request
        last_modified TEXT NOT NULL DEFAULT '',
        record_type TEXT,                          -- response, revisit; NULL when there are no bytes
        record_id TEXT,                            -- WARC-Record-ID, "<urn:uuid:…>"
        warc_id INTEGER REFERENCES warc(id),
        warc_offset INTEGER,                       -- of the gzip member of the response or revisit
        warc_length INTEGER,
        refers_to INTEGER REFERENCES capture(id),  -- revisit: the capture that holds the bytes
        truncated TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '',
        via TEXT NOT NULL DEFAULT '',
        CHECK ((record_type IS NULL) = (warc_id IS NULL)),
        CHECK ((warc_id IS NULL) = (warc_offset IS NULL)),
        CHECK ((record_type = 'revisit') = (refers_to IS NOT NULL) OR record_type IS NULL)
    )
    """,
    "CREATE INDEX capture_url_key ON capture(url_key, fetched_at)",
    "CREATE INDEX capture_site ON capture(site, id)",
    "CREATE INDEX capture_digest ON capture(payload_digest) WHERE record_type = 'response'",
    "CREATE INDEX capture_warc ON capture(warc_id, warc_offset)",
    """
    CREATE TABLE article (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL,
        url TEXT NOT NULL,                         -- canonical
        url_key TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'current',    -- current, gone, withheld
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        gone_since TEXT,                           -- time of the first capture that missed it
        version_id INTEGER REFERENCES version(id), -- the current one
        duplicate_of INTEGER REFERENCES article(id),
        UNIQUE (site, url_key)
    )
    """,
    # A broad search looks at thousands of articles: these answer without reading any text.
    "CREATE INDEX article_current ON article(version_id, status, site, duplicate_of)",
    "CREATE INDEX article_duplicate ON article(duplicate_of) WHERE duplicate_of IS NOT NULL",
    """
    CREATE TABLE article_url (                     -- every URL that an article has had
        site TEXT NOT NULL,
        url_key TEXT NOT NULL,
        url TEXT NOT NULL,
        article_id INTEGER NOT NULL REFERENCES article(id),
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL,
        PRIMARY KEY (site, url_key)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX article_url_article ON article_url(article_id)",
    """
    CREATE TABLE version (                         -- immutable once written
        id INTEGER PRIMARY KEY,
        article_id INTEGER NOT NULL REFERENCES article(id),
        number INTEGER NOT NULL,                   -- 1, 2, … within the article
        cause TEXT NOT NULL,                       -- first, edit (by the portal), extraction (by us)
        content_hash TEXT NOT NULL,
        text_hash TEXT,                            -- archive.identity.text_hash; NULL: too short to tell
        capture_id INTEGER NOT NULL REFERENCES capture(id),
        run_id INTEGER NOT NULL REFERENCES run(id),
        extractor TEXT NOT NULL,
        extractor_version TEXT NOT NULL,
        confidence REAL NOT NULL,
        recorded_at TEXT NOT NULL,
        title TEXT NOT NULL,
        summary TEXT NOT NULL DEFAULT '',
        body_text TEXT NOT NULL DEFAULT '',
        author TEXT NOT NULL DEFAULT '',
        category TEXT NOT NULL DEFAULT '[]',       -- JSON list of strings
        published_at TEXT,
        published_raw TEXT NOT NULL DEFAULT '',
        updated_at TEXT,
        updated_raw TEXT NOT NULL DEFAULT '',
        view_count INTEGER,                        -- as first observed
        images TEXT NOT NULL DEFAULT '[]',         -- JSON list of {url, caption, alt}
        attachments TEXT NOT NULL DEFAULT '[]',    -- JSON list of {url, label, media_type}
        language TEXT NOT NULL DEFAULT 'vi',
        notes TEXT NOT NULL DEFAULT '[]',
        UNIQUE (article_id, number)
    )
    """,
    "CREATE INDEX version_content_hash ON version(content_hash)",
    "CREATE INDEX version_text_hash ON version(text_hash) WHERE text_hash IS NOT NULL",
    "CREATE INDEX version_capture ON version(capture_id)",
    "CREATE INDEX version_published ON version(article_id, published_at)",
    """
    CREATE TABLE reading (                         -- what each captured page was read as
        capture_id INTEGER PRIMARY KEY REFERENCES capture(id),
        kind TEXT NOT NULL,                        -- archive.schema.PageKind
        article_id INTEGER REFERENCES article(id),
        version_id INTEGER REFERENCES version(id),
        extractor TEXT NOT NULL,
        extractor_version TEXT NOT NULL,
        confidence REAL NOT NULL,
        view_count INTEGER,
        notes TEXT NOT NULL DEFAULT '[]'
    )
    """,
    "CREATE INDEX reading_article ON reading(article_id)",
    "CREATE INDEX reading_kind ON reading(kind) WHERE kind = 'unreadable'",
    """
    CREATE TABLE near_duplicate (
        article_id INTEGER NOT NULL REFERENCES article(id),
        other_id INTEGER NOT NULL REFERENCES article(id),
        similarity REAL NOT NULL,
        method TEXT NOT NULL,
        PRIMARY KEY (article_id, other_id),
        CHECK (article_id < other_id)
    ) WITHOUT ROWID
    """,
    # Full text: contentless, rowid = version.id, one entry for the current version of each article,
    # whatever its status (readers go through the view `articles`). Versions are immutable, so the
    # text to delete an entry with is always at hand. The columns are archive.index_text.IndexText.
    """
    CREATE VIRTUAL TABLE version_fts USING fts5(
        title_exact, body_exact, title_folded, body_folded,
        content='', tokenize="unicode61 remove_diacritics 0"
    )
    """,
    """
    CREATE VIEW articles AS
    SELECT a.id, a.site, a.url, v.title, v.summary, v.body_text, v.author, v.category,
           v.published_at, a.first_seen, a.last_seen, a.status,
           (SELECT count(*) FROM version n WHERE n.article_id = a.id) AS versions,
           a.duplicate_of, v.capture_id
    FROM article a JOIN version v ON v.id = a.version_id
    WHERE a.status <> 'withheld'
    """,
    """
    CREATE VIEW versions AS
    SELECT v.*, a.site, a.url FROM version v JOIN article a ON a.id = v.article_id
    WHERE a.status <> 'withheld'
    """,
    """
    CREATE VIEW captures AS
    SELECT c.id, c.site, c.url, c.fetched_at, c.status, c.media_type, c.payload_digest,
           c.record_type, w.path AS warc_file, c.warc_offset, c.warc_length, c.error, c.run_id
    FROM capture c LEFT JOIN warc w ON w.id = c.warc_id
    """,
    "CREATE VIEW runs AS SELECT * FROM run",
    "CREATE VIEW site_runs AS SELECT * FROM site_run",
    "CREATE VIEW near_duplicates AS SELECT * FROM near_duplicate",
)

# Signatures of the articles that are there already are made later, see archive.near_duplicates.
NEAR_DUPLICATES_AND_WITHHOLDING = (
    """
    CREATE TABLE signature (                       -- articles that are compared with others
        article_id INTEGER PRIMARY KEY REFERENCES article(id),
        version_id INTEGER NOT NULL REFERENCES version(id),  -- whose text was signed
        digest BLOB NOT NULL                       -- archive.signatures.Signature; empty: too short
    )
    """,
    """
    CREATE TABLE signature_band (                  -- 32 for each text that is long enough
        key INTEGER NOT NULL,
        article_id INTEGER NOT NULL,
        PRIMARY KEY (key, article_id)
    ) WITHOUT ROWID
    """,
    "DROP VIEW near_duplicates",
    "DROP TABLE near_duplicate",  # nothing has written to it
    """
    CREATE TABLE near_duplicate (
        article_id INTEGER NOT NULL REFERENCES article(id),
        other_id INTEGER NOT NULL REFERENCES article(id),
        similarity REAL NOT NULL,                  -- 0.6 to 1
        method TEXT NOT NULL,                      -- text, shingles: archive.near_duplicates
        same_numbers INTEGER NOT NULL,             -- 0: other numbers in the title, so perhaps another document
        PRIMARY KEY (article_id, other_id),
        CHECK (article_id < other_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX near_duplicate_other ON near_duplicate(other_id)",
    "CREATE VIEW near_duplicates AS SELECT * FROM near_duplicate",
    """
    CREATE TABLE withholding (                     -- the audit trail: rows are never removed
        id INTEGER PRIMARY KEY,
        article_id INTEGER NOT NULL REFERENCES article(id),
        version_id INTEGER REFERENCES version(id), -- NULL: the whole article
        because_of INTEGER REFERENCES withholding(id),  -- a version that says what that one says
        was_shown INTEGER NOT NULL,                -- whether the version was the current one
        reason TEXT NOT NULL,
        withheld_by TEXT NOT NULL,
        withheld_at TEXT NOT NULL,
        restored_at TEXT,                          -- NULL: in force
        restored_by TEXT,
        restore_reason TEXT,
        CHECK ((restored_at IS NULL) = (restored_by IS NULL)),
        CHECK ((restored_at IS NULL) = (restore_reason IS NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX withholding_in_force ON withholding(article_id, coalesce(version_id, 0))
    WHERE restored_at IS NULL
    """,
    """
    CREATE INDEX withholding_version ON withholding(version_id)
    WHERE version_id IS NOT NULL AND restored_at IS NULL
    """,
    """
    INSERT INTO withholding(article_id, was_shown, reason, withheld_by, withheld_at)
    SELECT id, 0, 'not recorded', 'not recorded', last_seen FROM article WHERE status = 'withheld'
    """,
    """
    CREATE VIEW withheld_version AS                -- versions withheld one by one
    SELECT version_id AS id FROM withholding WHERE version_id IS NOT NULL AND restored_at IS NULL
    """,
    """
    CREATE TABLE withheld_file (                   -- pictures and attachments of what is withheld
        url_key TEXT NOT NULL,
        site TEXT NOT NULL,
        article_id INTEGER NOT NULL REFERENCES article(id),
        PRIMARY KEY (url_key, site, article_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX withheld_file_article ON withheld_file(article_id)",
    "CREATE INDEX article_withheld ON article(id) WHERE status = 'withheld'",
    # Captures that may not be replayed: of withheld articles under every URL, of withheld versions,
    # of their files; and the revisits of these bytes, which would bring them back.
    """
    CREATE VIEW withheld_capture AS
    WITH named(id) AS (
        SELECT r.capture_id FROM article a JOIN reading r ON r.article_id = a.id
        WHERE a.status = 'withheld'
        UNION SELECT c.id FROM article a JOIN article_url u ON u.article_id = a.id
        JOIN capture c ON c.url_key = u.url_key AND c.site = u.site WHERE a.status = 'withheld'
        UNION SELECT v.capture_id FROM withheld_version w JOIN version v ON v.id = w.id
        UNION SELECT r.capture_id FROM withheld_version w JOIN version v ON v.id = w.id
        JOIN reading r ON r.article_id = v.article_id AND r.version_id = v.id
        UNION SELECT c.id FROM withheld_file f
        JOIN capture c ON c.url_key = f.url_key AND c.site = f.site)
    SELECT id FROM named
    UNION SELECT c.id FROM capture c WHERE c.refers_to IN (SELECT id FROM named)
    """,
    "DROP VIEW articles",
    """
    CREATE VIEW articles AS
    SELECT a.id, a.site, a.url, v.title, v.summary, v.body_text, v.author, v.category,
           v.published_at, a.first_seen, a.last_seen, a.status,
           (SELECT count(*) FROM version n WHERE n.article_id = a.id
            AND n.id NOT IN (SELECT id FROM withheld_version)) AS versions,
           a.duplicate_of, v.capture_id
    FROM article a JOIN version v ON v.id = a.version_id
    WHERE a.status <> 'withheld'
    """,
    "DROP VIEW versions",
    """
    CREATE VIEW versions AS
    SELECT v.*, a.site, a.url FROM version v JOIN article a ON a.id = v.article_id
    WHERE a.status <> 'withheld' AND v.id NOT IN (SELECT id FROM withheld_version)
    """,
    """
    CREATE VIEW withholdings AS
    SELECT w.id, w.article_id, v.number AS version, a.site, a.url, w.reason, w.withheld_by,
           w.withheld_at, w.restored_at, w.restored_by, w.restore_reason
    FROM withholding w JOIN article a ON a.id = w.article_id LEFT JOIN version v ON v.id = w.version_id
    """,
)
