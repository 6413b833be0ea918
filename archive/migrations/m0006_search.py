"""Search at a million articles: labels beside the words.

The index is made anew from the versions by the next command that writes, see archive.full_text.
"""

STATEMENTS = (
    "DROP TABLE version_fts",
    # Contentless, rowid = version.id, one entry for the current version of each article, whatever its
    # status (readers go through the view `articles`). Versions are immutable, so the text to delete an
    # entry with is always at hand. The columns are archive.index_text.IndexEntry. The labels come
    # first: an occurrence in the first column takes two bytes less than one in any other.
    """
    CREATE VIRTUAL TABLE version_fts USING fts5(
        labels, title_exact, body_exact, title_folded, body_folded,
        content='', tokenize="unicode61 remove_diacritics 0"
    )
    """,
    "DELETE FROM meta WHERE key = 'index_text'",
    "INSERT OR REPLACE INTO meta VALUES ('index_through', '0')",
    # What facets and orders by date need to know of thousands of versions, without reading any text.
    "CREATE INDEX version_facets ON version(id, published_at, category, author)",
    "CREATE INDEX version_day ON version(published_at)",
)
