"""The two event routes of the first face-monitor, for clients written against it."""
