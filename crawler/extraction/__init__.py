"""Reading a page: from its bytes to an Article, without network or archive."""
