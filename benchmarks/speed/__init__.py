"""How fast MesoGuide is beside Rasa as `rasa init` gives it, on one machine in one run."""
