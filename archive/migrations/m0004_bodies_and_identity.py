"""Bodies and the hosts they spoke on; absences of articles; keys by which articles are known again.

What needs more than SQL is filled in by archive.bodies, archive.absences and archive.recognition when
an archive is opened for writing.
"""

STATEMENTS = (
    # Time of the first capture that missed it since it was last seen; gone_since is set to the same
    # when another capture has confirmed it.
    "ALTER TABLE article ADD COLUMN missing_since TEXT",
    "UPDATE article SET missing_since = gone_since",
    "CREATE INDEX article_missing ON article(site) WHERE missing_since IS NOT NULL",
    """
    CREATE TABLE absence (                         -- derived from captures: archive.absences
        article_id INTEGER NOT NULL REFERENCES article(id),
        since TEXT NOT NULL,
        since_capture INTEGER NOT NULL REFERENCES capture(id),
        confirmed_at TEXT,                         -- NULL: missed, but not yet twice
        confirmed_capture INTEGER REFERENCES capture(id),
        until TEXT,                                -- NULL: lasts
        until_capture INTEGER REFERENCES capture(id),
        PRIMARY KEY (article_id, since),
        CHECK ((confirmed_at IS NULL) = (confirmed_capture IS NULL)),
        CHECK ((until IS NULL) = (until_capture IS NULL))
    ) WITHOUT ROWID
    """,
    """
    CREATE VIEW absences AS
    SELECT b.article_id, a.site, a.url, b.since, b.confirmed_at, b.until,
           b.since_capture, b.confirmed_capture, b.until_capture
    FROM absence b JOIN article a ON a.id = b.article_id
    WHERE a.status <> 'withheld'
    """,
    """
    CREATE TABLE recognition (                     -- candidates only: archive.identity decides
        site TEXT NOT NULL,
        key BLOB NOT NULL,                         -- archive.identity.recognition_key
        article_id INTEGER NOT NULL REFERENCES article(id),
        PRIMARY KEY (site, key, article_id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE body (                            -- an office of a district, ward, commune …
        id INTEGER PRIMARY KEY,
        slug TEXT NOT NULL,                        -- huyen-hoang-hoa: to be typed, not unique
        name TEXT NOT NULL,
        kind TEXT NOT NULL,                        -- huyện, quận, thị xã, thành phố, xã, phường …
        province TEXT NOT NULL,
        since TEXT,                                -- first day, NULL: not known
        until TEXT,                                -- first day on which it was no more, NULL: it is
        successors TEXT NOT NULL DEFAULT '[]',     -- JSON list of names, as far as known
        UNIQUE (name, province)
    )
    """,
    "CREATE INDEX body_slug ON body(slug)",
    """
    CREATE TABLE host (                            -- who spoke on a host name, and when
        site TEXT NOT NULL,
        host TEXT NOT NULL,                        -- without "www."
        host_key TEXT NOT NULL,                    -- as URL keys begin: vn,gov,thanhhoa,hoanghoa
        body_id INTEGER NOT NULL REFERENCES body(id),
        since TEXT,                                -- first day, NULL: from the beginning
        until TEXT,                                -- first day on which it did not, NULL: it does
        PRIMARY KEY (site, host, body_id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX host_body ON host(body_id)",
    """
    CREATE VIEW bodies AS
    SELECT b.id, b.slug, b.name, b.kind, b.province, b.since, b.until, b.successors,
           (SELECT group_concat(host, ', ') FROM
               (SELECT DISTINCT h.host FROM host h WHERE h.body_id = b.id ORDER BY h.host)) AS hosts
    FROM body b
    """,
    """
    CREATE VIEW hosts AS
    SELECT h.host, h.since, h.until, h.site, b.id AS body_id, b.name AS body, b.kind, b.province
    FROM host h JOIN body b ON b.id = h.body_id
    """,
    # An article is of the body that spoke on its host on the day of publication. One without a day
    # is of the body that spoke when it was first seen, or of the last one before.
    """
    CREATE VIEW article_bodies AS
    SELECT a.id AS article_id, b.id AS body_id, b.slug, b.name AS body, b.kind, b.province, h.host
    FROM article a JOIN version v ON v.id = a.version_id
    JOIN host h ON h.site = a.site
        AND (a.url_key LIKE h.host_key || ')%' OR a.url_key LIKE h.host_key || ':%')
        AND coalesce(h.since, '') <= coalesce(substr(v.published_at, 1, 10), substr(a.first_seen, 1, 10))
        AND (h.until IS NULL
             OR h.until > coalesce(substr(v.published_at, 1, 10), substr(a.first_seen, 1, 10))
             OR v.published_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM host l WHERE l.site = h.site AND l.host = h.host
                AND l.since > coalesce(h.since, '') AND l.since <= substr(a.first_seen, 1, 10)))
    JOIN body b ON b.id = h.body_id
    WHERE a.status <> 'withheld'
    """,
)
