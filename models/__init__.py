"""What Face Monitor remembers: tables, statuses, the database, sealed images and settings.

Nothing here knows the web, the queue or a face. `models` means database models; the files of
the neural networks are called weights.
"""
