"""An attempt's whole story in the order in which the server received it."""
