"""What a channel can get wrong, over HTTP: it is told so in a sentence, and nothing changes."""
