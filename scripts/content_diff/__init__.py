"""What patients would be told otherwise than at an earlier revision."""
