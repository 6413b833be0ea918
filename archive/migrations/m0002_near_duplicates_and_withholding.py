"""Near-duplicates and withholding.

Signatures of the articles that are there already are made later, see archive.near_duplicates.
"""

STATEMENTS = (
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
