"""Which articles have a word, as compressed sets beside the full-text index.

The index is made anew from the versions by the next command that writes, see archive.full_text.
"""

STATEMENTS = (
    "DROP TABLE version_fts",
    # Where words stand, folded. Contentless, rowid = version.id, one entry for the current version of
    # each article, whatever its status (readers go through the view `articles`). Versions are immutable,
    # so the text to delete an entry with is always at hand (archive.index_text.IndexEntry).
    """
    CREATE VIRTUAL TABLE version_fts USING fts5(
        body, title, content='', tokenize="unicode61 remove_diacritics 0"
    )
    """,
    # Which two folded words follow each other, as one word: nongǀthon
    """
    CREATE VIRTUAL TABLE version_pair USING fts5(
        pairs, content='', detail='none', columnsize=0, tokenize="unicode61 remove_diacritics 0"
    )
    """,
    # archive.index_text.keys: words, and what else is known of an article
    "CREATE TABLE search_key (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE)",
    # The versions that have a key, 65,536 numbers in a set (archive.word_sets)
    """
    CREATE TABLE search_set (
        id INTEGER PRIMARY KEY, -- search_key.id * 1048576 + version.id / 65536
        versions BLOB NOT NULL  -- Roaring bitmap, portable format: numbers of versions
    )
    """,
    # Versions that were or are now the shown one, and of which the index does not know so yet
    "CREATE TABLE search_queue (version_id INTEGER PRIMARY KEY)",
    "INSERT INTO search_queue SELECT version_id FROM article WHERE version_id IS NOT NULL",
    "DELETE FROM meta WHERE key IN ('index_text', 'index_through')",
)
