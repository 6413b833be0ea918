"""What is needed to tell a site's health from its history.

Runs before this step walked the whole portal each time, hence `whole` 1 for them.
"""

STATEMENTS = (
    # 1: every page of the portal was asked for; 0: only what was due (an incremental run)
    "ALTER TABLE site_run ADD COLUMN whole INTEGER NOT NULL DEFAULT 1",
    # what the verdict is about, for programs: a field, a firewall, an address
    "ALTER TABLE site_run ADD COLUMN subject TEXT NOT NULL DEFAULT ''",
    # why the spider closed: finished, shutdown, time-limit, … (crawler.endings)
    "ALTER TABLE site_run ADD COLUMN ending TEXT NOT NULL DEFAULT ''",
    # requests without an answer after all retries
    "ALTER TABLE site_run ADD COLUMN failed INTEGER NOT NULL DEFAULT 0",
    # pages that the portal said to be as they were (304), so that they were not read again
    "ALTER TABLE site_run ADD COLUMN not_modified INTEGER NOT NULL DEFAULT 0",
    # what the home page was read as (archive.schema.PageKind); empty: not known
    "ALTER TABLE site_run ADD COLUMN home_kind TEXT NOT NULL DEFAULT ''",
    # the extractor that read most of the articles
    "ALTER TABLE site_run ADD COLUMN extractor TEXT NOT NULL DEFAULT ''",
    # new articles a day, as estimated at the end of the run; NULL: not estimated
    "ALTER TABLE site_run ADD COLUMN rate REAL",
    # days without anything new after which silence is no accident any more; NULL: not known
    "ALTER TABLE site_run ADD COLUMN silence_days REAL",
)
