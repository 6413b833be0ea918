"""From captures and articles to answers. Never imports scrapy or crawler."""

__version__ = "0.1.0"
