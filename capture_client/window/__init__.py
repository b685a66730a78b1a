"""The desktop window: Qt is used here and nowhere else in the client. It draws the flow and decides nothing."""
