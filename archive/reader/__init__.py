"""The web reader, `huyen serve`: search, read, compare, replay. It never writes."""
