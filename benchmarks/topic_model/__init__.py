"""How much words and letters add to the sentence embedding; see README.md."""
