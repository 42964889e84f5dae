"""Shape of imports over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pharmacrm.imports.faults import words_of
from pharmacrm.imports.models import ImportJob, ImportRow


class UploadSerializer(serializers.Serializer):
    kind = serializers.CharField(max_length=40)
    file = serializers.FileField()
    sheet = serializers.CharField(required=False, default="", allow_blank=True)


class MappingSerializer(serializers.Serializer):
    mapping = serializers.DictField(
        child=serializers.IntegerField(min_value=0), help_text="Place of the header, from 0, by column."
    )


class CommitSerializer(serializers.Serializer):
    only_good = serializers.BooleanField(default=False)


class ImportSerializer(serializers.ModelSerializer):
    percent = serializers.SerializerMethodField()

    class Meta:
        model = ImportJob
        fields = (
            "id", "kind", "file_name", "sheet", "encoding", "headers", "mapping", "state", "rows_total", "rows_good",
            "rows_bad", "rows_remarked", "outcomes", "failure", "percent", "asked_at", "committed_at", "undo_until", "undone_at",
        )  # fmt: skip
        read_only_fields = fields

    def get_percent(self, job: ImportJob) -> int:
        return job.job.percent if job.job else 0


class FaultSerializer(serializers.Serializer):
    column = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    blocks = serializers.BooleanField(
        help_text="False for a remark: the row is written without what it names."
    )


class ErrorRowSerializer(serializers.ModelSerializer):
    faults = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = ("number", "raw", "faults")
        read_only_fields = fields

    def get_faults(self, row: ImportRow) -> list[dict[str, Any]]:
        return [
            {
                "column": fault["column"],
                "code": fault["code"],
                "message": words_of(fault),
                "blocks": fault.get("blocks", True),
            }
            for fault in row.faults
        ]
