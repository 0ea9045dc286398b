"""What every answer about a record ends with: its edit, its times, its archive."""

from rest_framework import serializers


class RecordAnswer(serializers.Serializer):
    """Documents the bookkeeping of a record; answers add what it is."""

    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField(allow_null=True)


def bookkeeping(row):
    """The fields `RecordAnswer` documents, of one record."""
    return {
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "archived_at": row.archived_at,
    }
