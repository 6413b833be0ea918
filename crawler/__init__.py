"""From a portal to captures and articles. Knows Scrapy, HTML and HTTP; depends on archive."""
