"""What follows from a stored row: published, confirmed, remembered, fulfilled."""
