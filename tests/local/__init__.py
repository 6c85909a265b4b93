"""The local hub itself: its mends, its template reader, its gateway, streams and bus."""
