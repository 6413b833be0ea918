"""The text of files that articles offer: read once a payload, in a process that can do no harm.

`huyen attachments` collects which captures hold such files (sources), reads each in a worker process
under limits (worker, bounded_process, readers), has pictures of pages recognised (recognition), and
stores the text by page or sheet (storage). `search` finds it.
"""
