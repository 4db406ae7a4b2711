"""Does a conversation survive `kill -9` at any moment? See README.md."""
