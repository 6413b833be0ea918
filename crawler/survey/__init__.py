"""Adding a portal and looking after its table: what `huyen sites` does."""
