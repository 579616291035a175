"""Everything that talks to Face Monitor from outside: nothing here imports the server."""
