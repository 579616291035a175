"""The promises of Face Monitor, mirrored by folder."""
