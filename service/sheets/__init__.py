"""Sheets of tasks, XLSX and CSV, as files: read with limits on whatever a file may claim, and the template to fill in.

What a row means is not decided here.
"""
