"""Scrapy settings. Each one that differs from Scrapy's default stands beside it, with the reason."""

from __future__ import annotations

from archive import __version__

BOT_NAME = "huyen"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
# default ""; `scrapy crawl` writes into the archive
COMMANDS_MODULE = "crawler.scrapy_commands"

# default scrapy.spiderloader.SpiderLoader; every table of sites.toml is a spider, with or without
# a Python file of its own
SPIDER_LOADER_CLASS = "crawler.spider_loader.SiteSpiderLoader"

# default "Scrapy/… (+https://scrapy.org)"; an office must see who asks and whom to write to.
# crawler.spider adds the contact.
USER_AGENT = f"huyen/{__version__} (web archive of Vietnamese district portals)"

# default None (its value has long been True in project templates); robots.txt is a promise
ROBOTSTXT_OBEY = True
# default None (the whole user agent); the name that a robots.txt would call us by
ROBOTSTXT_USER_AGENT = BOT_NAME
# default scrapy.resolver.CachingThreadedResolver; the same rule for names, at the very connection
TWISTED_DNS_RESOLVER = "crawler.fetching.addresses.PublicNamesOnly"
DOWNLOADER_MIDDLEWARES = {
    # default 100: Scrapy's own lets requests pass while robots.txt is on its way
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawler.fetching.robots.ObedientRobotsMiddleware": 100,
    # before robots.txt is asked for: a page must not lead into the network around us
    "crawler.fetching.addresses.PublicAddressesOnly": 50,
    # default 590: Scrapy's own has other decoders than those that read the stored bytes later
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawler.fetching.decoding.ContentDecoding": 590,
    # below the retries (550), which must not hide a failure from it
    "crawler.fetching.pace.AdaptivePace": 560,
    # last of all: only what will really be asked counts
    "crawler.fetching.limits.Limits": 990,
}
# default 8 in 2.19's templates, 16 before; one site is asked one thing at a time, see sites.toml
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# default 0; the pace of sites.toml replaces it for each site
DOWNLOAD_DELAY = 1.0
# default 0.5; "never more than the configured pace" leaves no room for half the delay
DOWNLOAD_DELAY_JITTER = 0.0
# default False; a page that anybody on the way could have written is no record of the office. Where a
# portal's certificate is broken, its table in sites.toml says so: crawler.fetching.tls.
DOWNLOAD_VERIFY_CERTIFICATES = True
# default 180 s; a scanned plan of 50 MB takes its time on an office's line. What is slower than that
# does not get so far:
DOWNLOAD_TIMEOUT = 900
# crawler.fetching.patience: an office server that has not begun to answer in a minute will not (s);
HUYEN_HEAD_TIMEOUT = 60.0
# an answer slower than a modem of 1990 (bytes a second), half a minute after its head, never ends
HUYEN_SLOWEST_RATE = 512.0
HUYEN_SLOW_GRACE = 30.0
# default 1 GiB; more than this is a film, not a record. What came up to it is kept, marked. The same
# limit holds for what a compressed answer unpacks to.
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024
# default 32 MiB; large documents are what half of the articles consist of
DOWNLOAD_WARNSIZE = 0
# default 10; names are resolved in threads, and those of ten dead servers must not hold up the rest
REACTOR_THREADPOOL_MAXSIZE = 40
# crawler.fetching.pace: a portal that says "Retry-After" more seconds than this is left for next time
HUYEN_LONGEST_WAIT = 600.0
# default 2; offices reboot nightly and lose their uplink at noon
RETRY_TIMES = 3
# default [500, 502, 503, 504, 522, 524, 408, 429]; the same without 500: on these portals a page
# that answers 500 answers 500 again, and the answer is archived all the same
RETRY_HTTP_CODES = [502, 503, 504, 522, 524, 408, 429]
# default 20; portals redirect once or twice, the rest are loops
REDIRECT_MAX_TIMES = 8
# default True; a portal's session cookie puts its session id into every address
COOKIES_ENABLED = False
# default False; an error page is an answer too: it is archived and counted, not thrown away
HTTPERROR_ALLOW_ALL = True
# default True; nobody should reach into a crawl through a telnet port
TELNETCONSOLE_ENABLED = False
# default scrapy.dupefilters.RFPDupeFilter; one identity is fetched once, however its address is
# written, but a redirect to another spelling of itself is followed
DUPEFILTER_CLASS = "crawler.fetching.duplicate_filter.IdentityFilter"
# default {…}; bytes are recorded where they cross the wire, below Scrapy
DOWNLOAD_HANDLERS = {
    "http": "crawler.fetching.capture.CapturingDownloadHandler",
    "https": "crawler.fetching.capture.CapturingDownloadHandler",
    # default handlers for data:, file:, ftp: and s3: would let a page name a file on this machine
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}
# default text/html,…, en; portals with an English half choose by this header
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    # Scrapy advertises deflate, br and zstd too; archived, those are unreadable in common players
    "Accept-Encoding": "gzip",
}
# default: depth first through a LIFO queue; of spiders that only look at a portal (`huyen sites add`).
# A walk has the ledger of addresses for its queue, see crawler.scheduler
DEPTH_PRIORITY = 1
SCHEDULER_DISK_QUEUE = "scrapy.squeues.PickleFifoDiskQueue"
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# default 0 (none); no listing of any portal is this far from its home page, endless links are
DEPTH_LIMIT = 200
# default 100 tasks for each answer, a tenth of a crawl's CPU time; items are not processed any further
CONCURRENT_ITEMS = 1
# default True; reads and parses the source of a callback for each answer, another tenth
WARN_ON_GENERATOR_RETURN_VALUE = False
# default "INFO"; a run is reported by its verdicts, the log is for the unexpected
LOG_LEVEL = "INFO"
