"""Reading the audit chain: who saw which picture, who changed what."""
