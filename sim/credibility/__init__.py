"""How far the model can be trusted: its base year against published figures."""
