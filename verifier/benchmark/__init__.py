"""How fast the verifier is beside face_recognition, and whether it still answers as dlib does.

Frames: ``pictures`` finds them, ``webcam_frame`` and ``enrolled_frames`` make frames of them.
Time: ``comparison`` says what is timed, ``rounds`` times it in turns, ``timings`` are the figures.
Memory: ``engine_process`` is a process with nothing but an engine, ``soak`` keeps it busy.
Agreement: ``dlib_agreement`` compares answers instead of times. ``report`` puts the figures
together, ``text`` shows them. ``face_recognition_oracle`` is the only door to face_recognition.
"""
