"""How fast the tables that staff read are at a million conversations; see README.md."""
