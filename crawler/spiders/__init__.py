"""Spiders of portals with markup of their own: one file a portal, named after its slug."""
