"""How the three kinds of portal print what they publish: one module per platform."""
