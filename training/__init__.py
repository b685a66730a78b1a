"""Training of the Vietnamese card-line recogniser: text, rendered lines, the net, its export and its score."""
