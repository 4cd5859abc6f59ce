"""Hostile files, made on the spot, by kind: `python -m tests.hostile FOLDER` writes the models.

Each would, if it were opened without looking, create the file CANARY or read the file SECRET of
the folder that it is made with.
"""
