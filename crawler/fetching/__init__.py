"""Asking a portal: what may be asked, at which pace, and every byte of the answer kept."""
