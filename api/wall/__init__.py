"""All open attempts at a glance: the state that the event stream goes on from."""
