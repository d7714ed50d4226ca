"""Reading what servers send as a reply, whole or in pieces, however odd."""
