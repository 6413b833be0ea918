"""The first schema: runs, captures, articles, versions, readings, full text.

Times are UTC, "YYYY-MM-DDTHH:MM:SS.ffffffZ"; published_at and updated_at are local to the portal
(+07:00, or a bare date). Base tables are singular, the views for people plural.
"""

STATEMENTS = (
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
