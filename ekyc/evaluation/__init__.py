"""How right the card reader is on a data set whose truth is known: measured, counted, told and pictured."""
