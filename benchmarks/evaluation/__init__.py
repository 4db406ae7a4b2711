"""How well MesoGuide answers real questions: asked through its chat API, judged, counted."""
