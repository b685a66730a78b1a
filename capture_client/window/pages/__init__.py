"""One page a step of the flow, and the queue."""
