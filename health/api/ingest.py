"""The upload of the success-insights contract: one CSV holds accounts and their metrics."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform.api.imports import IDEMPOTENCY_KEY, PREFER, FileField, SubmitsImports, answer
from csplatform.api.views import TenantAPIView
from csplatform.enums import JobStatus
from csplatform.exceptions import DomainError
from csplatform.imports.enums import ImportSource
from csplatform.imports.report import first_errors
from csplatform.models import Import
from csplatform.permissions import Action
from csplatform.services.imports import ImportOptions
from csplatform.tenancy import organization_scope, own_transactions


class UploadSerializer(serializers.Serializer[dict[str, Any]]):
    """The contract's request: multipart, field `file`, its name ending in `.csv`."""

    file = FileField(endings=(".csv",))


class IngestedSerializer(serializers.Serializer[dict[str, Any]]):
    """The contract's answer. A known account is counted once, changed or not."""

    message = serializers.CharField()
    accounts_created = serializers.IntegerField()
    accounts_updated = serializers.IntegerField()
    metrics_created = serializers.IntegerField()
    metrics_updated = serializers.IntegerField()
    metrics_unchanged = serializers.IntegerField()
    rows = serializers.IntegerField()
    rows_rejected = serializers.IntegerField()
    import_id = serializers.UUIDField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        # A serializer has errors of its own, so this field cannot be declared as an attribute.
        errors = serializers.ListField(
            child=serializers.CharField(), help_text="The first thousand, with the line of the file."
        )
        return {**super().get_fields(), "errors": errors}


class IngestStartedSerializer(serializers.Serializer[dict[str, Any]]):
    """The file is large, or others are before it: ask for its job."""

    message = serializers.CharField()
    job_id = serializers.UUIDField()
    import_id = serializers.UUIDField()


class ImportCancelled(DomainError):
    """Somebody stopped the import while its sender waited."""

    code = "import_cancelled"
    message = "The import was cancelled. What it had written by then stays."


class ImportFailed(DomainError):
    """The import ended on a fault of ours; what it had committed by then stays."""

    code = "import_failed"
    status = 500


@own_transactions
class IngestCsvView(SubmitsImports, TenantAPIView):
    """Takes accounts and their daily metrics from one CSV file, and scores them."""

    write_permission = Action.RUN_IMPORTS
    parser_classes = [MultiPartParser]

    @extend_schema(
        request={"multipart/form-data": UploadSerializer},
        parameters=[IDEMPOTENCY_KEY, PREFER],
        responses={200: IngestedSerializer, 202: IngestStartedSerializer},
        tags=["success insights"],
    )
    def post(self, request: Request) -> Response:
        body = UploadSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        submitted = self.submit(
            request,
            body.validated_data["file"],
            ImportOptions(kind="metrics", source=ImportSource.API, asks=False),
        )
        of = submitted.of
        if not of.job.is_finished:
            data = {"message": "The import is under way.", "job_id": of.job.uuid, "import_id": of.uuid}
            return answer(submitted, data, done=200)
        if of.job.status == JobStatus.CANCELLED:
            raise ImportCancelled
        if of.job.status != JobStatus.SUCCEEDED:
            raise ImportFailed(of.job.error)
        return answer(submitted, ingested(of), done=200)


def ingested(of: Import) -> dict[str, Any]:
    """The contract's summary of an import that has ended."""
    created = of.details.get("accounts_created", 0)
    with organization_scope(of.organization, write=False):
        errors = [f"{each}." for each in first_errors(of)]
    return {
        "message": of.job.message,
        "accounts_created": created,
        "accounts_updated": of.details.get("accounts", 0) - created,
        "metrics_created": of.created,
        "metrics_updated": of.updated,
        "metrics_unchanged": of.unchanged,
        "rows": of.rows,
        "rows_rejected": of.rejected,
        "errors": errors,
        "import_id": of.uuid,
    }
