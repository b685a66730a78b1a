"""The domain: what a card, a face and a clip say, and what follows from it. Pure; see README.md here."""
