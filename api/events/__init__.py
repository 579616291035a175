"""What a client reports about an attempt: testimony, kept with both clocks."""
