"""What to tell the person before a picture is taken. It measures as the gateway's gates do and decides nothing.

The same functions with the same thresholds (`pipeline.card.quality`, `pipeline.face.quality`). Where guidance knowingly
differs from what the server does later is listed here, and tested in tests/unit/capture_client/test_guidance.py:

- Stillness, and a face in the middle of the oval, are asked for before a picture is taken by itself; no gate asks for
  them. The operator can take any picture by hand.
- The server never refuses a card that it can read, however it looks; guidance cannot read, so it asks for the look that
  the server would blame had it failed to read.
- The server tells a card by its text; guidance by its border, so that any border of a card's shape is taken for one,
  and a border that shows less than whole is not (a card on a table of its own colour is photographed by hand).
- The server looks for small faces longer (quarters of the picture, HOG); guidance asks the person to come closer.
- What covers a part, copies, and a second card are judged by the server alone.
"""
