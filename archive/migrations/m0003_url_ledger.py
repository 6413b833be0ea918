"""The ledger of addresses: what is still to be asked of each portal, and when to ask again.

An archive that was made before gets its ledger from what it captured and read. Pages that were
never asked for are not in it: the next walk finds them. The intervals are the coarse ones of
docs/crawling.md; the crawl sets its own at the next answer.
"""

_STAMP = "'%Y-%m-%dT%H:%M:%f000Z'"

STATEMENTS = (
    """
    CREATE TABLE address (                         -- every address of a portal that is worth asking
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL,
        url_key TEXT NOT NULL,                     -- of a page that is had by a form: URL#step
        url TEXT NOT NULL,                         -- as first linked
        role TEXT NOT NULL,                        -- home, page, file, missing (an address that cannot exist)
        form TEXT NOT NULL DEFAULT '',             -- to be posted, "stale" once it was; empty: GET
        via TEXT NOT NULL DEFAULT '',              -- the page that named it, while it is to be asked
        priority INTEGER NOT NULL,                 -- higher ones are asked first
        depth INTEGER NOT NULL,                    -- links from the home page
        state TEXT NOT NULL,                       -- todo, done, failed, gone
        kind TEXT NOT NULL DEFAULT '',             -- as last answered: article, listing, other, missing, file,
                                                   -- redirect, forbidden; failed: never; empty: never asked
        reader TEXT NOT NULL DEFAULT '',           -- extractor and version that said so
        fingerprint TEXT NOT NULL DEFAULT '',      -- of what it said
        dated TEXT NOT NULL DEFAULT '',            -- of an article, or the newest of a listing: published_at
        listing INTEGER,                           -- further page of a listing: address.id of its first page
        page_number INTEGER,                       -- 2, 3, …; NULL: first page, or no listing
        quiet INTEGER NOT NULL DEFAULT 0,          -- pages of the listing before this one that brought nothing
        discovered_at TEXT NOT NULL,
        checked_at TEXT,                           -- last answer or failure; NULL: never
        changed_at TEXT,                           -- last time it said something else, or went missing
        due_at TEXT,                               -- when to ask again; NULL: only in a full walk
        interval_days REAL,                        -- from check to check
        checks INTEGER NOT NULL DEFAULT 0,
        changes INTEGER NOT NULL DEFAULT 0,
        misses INTEGER NOT NULL DEFAULT 0,         -- times in a row that a page that was there is missing
        tries INTEGER NOT NULL DEFAULT 0,          -- failures in a row
        UNIQUE (site, url_key)
    )
    """,
    "CREATE INDEX address_todo ON address(site, priority DESC, id) WHERE state = 'todo'",
    "CREATE INDEX address_due ON address(site, due_at) WHERE due_at IS NOT NULL AND state <> 'todo'",
    "CREATE INDEX address_kind ON address(site, kind, checked_at)",
    "CREATE INDEX address_listing ON address(listing, page_number) WHERE listing IS NOT NULL",
    """
    CREATE TABLE walk (                            -- how far the crawl of each portal is
        site TEXT PRIMARY KEY,
        started_at TEXT NOT NULL,                  -- of the last walk
        is_full INTEGER NOT NULL,                  -- whether it asks for everything again
        ended_at TEXT,                             -- NULL: interrupted, or going on
        last_full_at TEXT,                         -- when the last full walk came to its end
        missing_page TEXT NOT NULL DEFAULT '',     -- fingerprint of "no such page" answered with status 200
        missing_asked_at TEXT
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE given_up (                        -- shapes of addresses that lead nowhere
        site TEXT NOT NULL,
        shape TEXT NOT NULL,
        url TEXT NOT NULL,                         -- the last one that was asked for
        given_up_at TEXT NOT NULL,
        PRIMARY KEY (site, shape)
    ) WITHOUT ROWID
    """,
    """
    CREATE VIEW addresses AS
    SELECT a.site, a.url, a.state, a.kind, a.discovered_at, a.checked_at, a.changed_at, a.due_at,
           a.interval_days, a.checks, a.changes, a.misses, a.tries, l.url AS listing, a.page_number
    FROM address a LEFT JOIN address l ON l.id = a.listing
    """,
    f"""
    INSERT INTO address(site, url_key, url, role, priority, depth, state, kind, reader, dated,
                        discovered_at, checked_at, changed_at, due_at, interval_days, checks, misses)
    WITH last AS (
        SELECT site, url_key, max(id) AS id, min(fetched_at) AS first_at, count(*) AS checks
        FROM capture
        WHERE method = 'GET' AND url NOT LIKE '%/robots.txt' AND url NOT LIKE '%/trang-khong-ton-tai-%'
        GROUP BY site, url_key
    ), judged AS (
        SELECT c.id, c.site, c.url_key, c.url, last.first_at, last.checks, c.fetched_at,
               c.etag <> '' OR c.last_modified <> '' AS has_validator,
               r.extractor || ' ' || r.extractor_version AS reader,
               v.published_at AS dated,
               CASE WHEN r.kind IN ('article', 'listing', 'other', 'missing') THEN r.kind
                    WHEN r.kind = 'unreadable' THEN 'other'
                    WHEN c.status IN (404, 410) THEN 'missing'
                    WHEN c.status BETWEEN 300 AND 399 THEN 'redirect'
                    WHEN c.status = 200 THEN 'file'
                    ELSE 'failed' END AS kind,
               r.kind IS NOT NULL OR c.media_type LIKE 'text/html%' AS is_page,
               u.article_id IS NOT NULL AS was_article
        FROM last JOIN capture c ON c.id = last.id
        LEFT JOIN reading r ON r.capture_id = c.id
        LEFT JOIN version v ON v.id = r.version_id
        LEFT JOIN article_url u ON u.site = c.site AND u.url_key = c.url_key
    ), timed AS (
        SELECT *,
               CASE WHEN kind = 'listing' AND (url LIKE '%page%' OR url LIKE '%trang%' OR url LIKE '%cur=%'
                         OR url LIKE '%start=%') THEN 60
                    WHEN kind = 'listing' THEN 1
                    WHEN kind = 'article' THEN CASE
                         WHEN julianday(fetched_at) - julianday(coalesce(dated, first_at)) < 7 THEN 1
                         WHEN julianday(fetched_at) - julianday(coalesce(dated, first_at)) < 30 THEN 7
                         WHEN julianday(fetched_at) - julianday(coalesce(dated, first_at)) < 180 THEN 30
                         WHEN julianday(fetched_at) - julianday(coalesce(dated, first_at)) < 365 THEN 180
                         ELSE 365 END
                    WHEN kind = 'redirect' THEN 180
                    WHEN kind = 'file' THEN CASE WHEN has_validator THEN 365 END
                    WHEN kind = 'failed' OR (kind = 'missing' AND was_article) THEN 1
                    ELSE 30 END AS days
        FROM judged
    )
    SELECT site, url_key, url, CASE WHEN is_page THEN 'page' ELSE 'file' END,
           CASE WHEN is_page THEN 2000 ELSE 1000 END, 1,
           CASE WHEN kind = 'failed' THEN 'failed' ELSE 'done' END, kind, coalesce(reader, ''),
           coalesce(dated, ''), first_at, fetched_at,
           CASE WHEN kind = 'missing' AND was_article THEN fetched_at END,
           strftime({_STAMP}, fetched_at, (0.9 * days) || ' days'), days, checks,
           kind = 'missing' AND was_article
    FROM timed ORDER BY id
    """,
    # A walk that was judged had come to its end; what a verdict of before called interrupted had not.
    """
    INSERT INTO walk(site, started_at, is_full, ended_at, last_full_at)
    SELECT site, started_at, 1, ended_at, ended_at FROM site_run
    WHERE id IN (SELECT max(id) FROM site_run WHERE ended_at IS NOT NULL AND articles > 0
                 AND verdict NOT IN ('interrupted', 'unreachable', 'empty') GROUP BY site)
    """,
)
