"""Composition-property questions: one query path over the facts of all samples."""
