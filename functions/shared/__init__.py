"""What every noun needs: the request and its caller, the row and its events, errors, settings, the clock."""
