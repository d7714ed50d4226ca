"""The models: one turn of conversation, at a server or offline."""
