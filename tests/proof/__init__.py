"""Promises held by matrices: every route of a kind, by every case there is."""
