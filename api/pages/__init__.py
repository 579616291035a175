"""The pages people see: one file of routes per audience, templates, styles and small scripts.

Everything is rendered on the server and works without scripts, but for the camera. Scripts and
styles are files of our own: the content security policy refuses any other.
"""
