"""Imports over the API: bring a file, follow it, read what was wrong with it."""

from __future__ import annotations

import json
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform.api.pagination import ListPagination
from csplatform.api.query import read_query
from csplatform.api.views import OrganizationMixin, TenantAPIView, TenantGenericView
from csplatform.enums import JobStatus
from csplatform.exceptions import InvalidInput
from csplatform.exports import csv_response
from csplatform.idempotency import HEADER, body_hash
from csplatform.imports.enums import DateOrder, ImportQuestion, ImportSource
from csplatform.imports.registry import kind_named
from csplatform.imports.report import error_file_header, error_file_rows, error_rows, first_errors
from csplatform.imports.runner import NewAccountsInQuestion
from csplatform.jobs import cancel_job
from csplatform.models import Import
from csplatform.permissions import Action, can
from csplatform.services.imports import (
    ImportOptions,
    Submitted,
    UndoFailed,
    discard_preview,
    submit_import,
    undo_import,
)
from csplatform.tenancy import organization_scope, own_transactions

FILE_ENDINGS = (".csv", ".tsv", ".txt")


class ImportErrorSerializer(serializers.Serializer[dict[str, Any]]):
    row = serializers.IntegerField(help_text="The line of the file; the heading is line 1.")
    column = serializers.CharField(help_text="As the file calls it; empty when it is about the whole row.")
    value = serializers.CharField()
    reason = serializers.CharField()


class ImportListSerializer(serializers.ModelSerializer[Import]):
    """An import with its counts: accepted + rejected = rows."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    job_id = serializers.UUIDField(source="job.uuid", read_only=True)
    status = serializers.ChoiceField(choices=JobStatus.choices, source="job.status", read_only=True)
    message = serializers.CharField(source="job.message", read_only=True)
    error = serializers.CharField(source="job.error", read_only=True)
    filename = serializers.CharField(source="upload.filename", read_only=True)
    accepted = serializers.IntegerField(read_only=True)
    details: Any = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    notices: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    mapping: Any = serializers.DictField(child=serializers.CharField(allow_null=True), read_only=True)
    finished_at = serializers.DateTimeField(source="job.finished_at", read_only=True, allow_null=True)
    undo_job_id = serializers.UUIDField(source="undo_job.uuid", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Import
        fields = [
            "id",
            "job_id",
            "kind",
            "filename",
            "source",
            "mapping",
            "date_order",
            "dry_run",
            "strict",
            "confirm_new",
            "question",
            "status",
            "message",
            "error",
            "rows",
            "accepted",
            "rejected",
            "repeated",
            "created",
            "updated",
            "unchanged",
            "details",
            "notices",
            "created_at",
            "finished_at",
            "undo_job_id",
            "undone_at",
        ]
        read_only_fields = fields


class PreviewColumnSerializer(serializers.Serializer[dict[str, Any]]):
    heading = serializers.CharField()
    column = serializers.CharField(help_text="Ours; empty where the column is not read.")
    how = serializers.ChoiceField(
        choices=["name", "alias", "mapping", ""], help_text="What says so; empty where nothing does."
    )


class PreviewRowSerializer(serializers.Serializer[dict[str, Any]]):
    row = serializers.IntegerField(help_text="The line of the file.")
    cells = serializers.ListField(child=serializers.CharField(allow_blank=True))


class PreviewSerializer(serializers.Serializer[dict[str, Any]]):
    """What a dry run found in the file before it read the rows."""

    encoding = serializers.CharField()
    delimiter = serializers.CharField(trim_whitespace=False)
    columns = PreviewColumnSerializer(many=True)
    columns_left_out = serializers.IntegerField(help_text="Columns beyond the first hundred that are not shown.")
    first_rows = PreviewRowSerializer(many=True)


class NewcomersSerializer(serializers.Serializer[dict[str, Any]]):
    """Accounts that the file would make: the first twenty, and which of them resemble known ones."""

    count = serializers.IntegerField()
    names = serializers.ListField(child=serializers.CharField())
    look_alikes = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Pairs: the new name, the known one."
    )
    known = serializers.IntegerField(help_text="How many accounts there are already.")


class ImportSerializer(ImportListSerializer):
    """The same with its first thousand errors; all of them are in `errors.csv`."""

    preview = serializers.SerializerMethodField()
    newcomers = serializers.SerializerMethodField()

    class Meta(ImportListSerializer.Meta):
        fields = [*ImportListSerializer.Meta.fields, "preview", "newcomers", "errors"]
        read_only_fields = fields

    def build_field(self, field_name: str, *args: Any) -> Any:
        # A serializer has errors of its own, so this field cannot be declared as an attribute.
        if field_name == "errors":
            return serializers.SerializerMethodField, {}
        return super().build_field(field_name, *args)

    @extend_schema_field(PreviewSerializer(allow_null=True))
    def get_preview(self, of: Import) -> dict[str, Any] | None:
        """Of a dry run; else null."""
        return of.preview or None

    @extend_schema_field(NewcomersSerializer(allow_null=True))
    def get_newcomers(self, of: Import) -> dict[str, Any] | None:
        """Of a dry run that would make accounts, and of an import that makes many; else null."""
        return of.newcomers or None

    @extend_schema_field(ImportErrorSerializer(many=True))
    def get_errors(self, of: Import) -> list[dict[str, Any]]:
        return [dict(each) for each in error_rows(first_errors(of))]


class FileField(serializers.FileField):
    """A file of rows. The name only has to look right; what is in it is judged by its bytes."""

    default_error_messages = {
        "ending": "Send a file whose name ends in {endings}.",
        "required": "No complete file arrived: the request has no part of this name, or ended before that part did.",
    }

    def __init__(self, *, endings: tuple[str, ...], **options: Any) -> None:
        super().__init__(allow_empty_file=True, max_length=None, **options)
        self.endings = endings

    def to_internal_value(self, data: Any) -> UploadedFile:
        file = cast(UploadedFile, super().to_internal_value(data))
        if not (file.name or "").lower().endswith(self.endings):
            self.fail("ending", endings=" or ".join(self.endings))
        return file


class MappingField(serializers.JSONField):
    """Column of the file to column of ours, as JSON text; to null, to leave it out."""

    default_error_messages = {"mapping": 'Send an object of texts, such as {{"Konto": "account_name"}}.'}

    def to_internal_value(self, data: Any) -> dict[str, str | None]:
        try:
            mapping = json.loads(data) if isinstance(data, str | bytes) else data
        except ValueError:
            self.fail("mapping")
        if not isinstance(mapping, dict) or not all(isinstance(name, str | None) for name in mapping.values()):
            self.fail("mapping")
        if not all(map(_is_storable, mapping)):
            self.fail("mapping")
        return mapping


def _is_storable(text: str) -> bool:
    """JSON can spell characters that no file and no database holds."""
    return "\x00" not in text and text.isprintable()


class NewImportSerializer(serializers.Serializer[dict[str, Any]]):
    """What `POST /api/imports` takes, as multipart/form-data."""

    file = FileField(endings=FILE_ENDINGS)
    kind = serializers.CharField(default="metrics")
    mapping: Any = MappingField(default=dict)
    dry_run = serializers.BooleanField(default=False)
    strict = serializers.BooleanField(default=False)
    date_order = serializers.ChoiceField(
        choices=DateOrder.choices,
        default=DateOrder.AUTO,
        help_text="How to read 03/04/2026. Without it the file says so itself; one that fits both orders is refused.",
    )
    confirm_new = serializers.BooleanField(
        default=False,
        help_text="Make accounts that are not known yet, however many. Without it a file that would make more than"
        " 50 beside known ones is refused with 409.",
    )

    def validate_kind(self, name: str) -> str:
        return kind_named(name).name


class ImportQuery(serializers.Serializer[dict[str, Any]]):
    kind = serializers.CharField(required=False)
    status = serializers.ChoiceField(choices=JobStatus.choices, required=False)


IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="The same key and file again give the first import."
)
PREFER = OpenApiParameter(
    "Prefer", str, OpenApiParameter.HEADER, description="`respond-async` answers 202 at once, whatever the size."
)


class SubmitsImports(OrganizationMixin):
    """For views that take a file in: from the request to an import that has been started, or has run."""

    def submit(self, request: Request, file: UploadedFile, options: ImportOptions) -> Submitted:
        if not can(self.member, kind_named(options.kind).permission):
            self.permission_denied(request, message="Your role does not allow this kind of import.")  # type: ignore[attr-defined]
        key = request.headers.get(HEADER, "")
        return submit_import(
            member=self.member,
            filename=file.name or "",
            blocks=file.chunks,
            options=options,
            key=key,
            fingerprint=body_hash(request._request) if key else "",
            respond_async=prefers_async(request),
        )


@own_transactions
class ImportListView(SubmitsImports, TenantGenericView):
    """Imports of the organisation, newest first; and bringing a new one."""

    write_permission = Action.BRING_FILES
    pagination_class = ListPagination
    serializer_class = ImportListSerializer
    parser_classes = [MultiPartParser]
    queryset = Import.objects.none()

    def get_queryset(self) -> QuerySet[Import]:
        return self.organization.imports.for_list()

    @extend_schema(parameters=[ImportQuery], responses=ImportListSerializer(many=True), tags=["imports"])
    def get(self, request: Request) -> Response:
        wanted = read_query(request, ImportQuery)
        if "status" in wanted:
            wanted["job__status"] = wanted.pop("status")
        with organization_scope(self.organization, write=False):
            page = self.paginate_queryset(self.get_queryset().filter(**wanted))
            return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        request={"multipart/form-data": NewImportSerializer},
        parameters=[IDEMPOTENCY_KEY, PREFER],
        responses={201: ImportSerializer, 202: ImportSerializer},
        tags=["imports"],
    )
    def post(self, request: Request) -> Response:
        body = NewImportSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        submitted = self.submit(request, given.pop("file"), ImportOptions(source=ImportSource.API, **given))
        _refuse_while_in_question(submitted.of)
        with organization_scope(self.organization, write=False):
            data = ImportSerializer(submitted.of).data
        return answer(submitted, data, done=201)


def _refuse_while_in_question(of: Import) -> None:
    """Who waits for the answer gets the question as a refusal, and nothing is kept: the file is sent again."""
    if not of.question or not of.job.is_finished:
        return
    with organization_scope(of.organization, write=True, touch=False):
        discard_preview(of=of)
    if of.question == ImportQuestion.NEW_ACCOUNTS:
        raise NewAccountsInQuestion(of)
    raise InvalidInput(of.job.error, errors={"date_order": [of.job.error.removeprefix("date_order: ")]})


class ImportView(TenantAPIView):
    """One import with its report."""

    @extend_schema(responses=ImportSerializer, tags=["imports"])
    def get(self, request: Request, import_id: str) -> Response:
        of = get_object_or_404(self.organization.imports.for_list(), uuid=import_id)
        return Response(ImportSerializer(of).data)


class ImportCancelView(TenantAPIView):
    """Stops an import between two pieces; the pieces that it has written stay."""

    write_permission = Action.BRING_FILES

    @extend_schema(request=None, responses=ImportSerializer, tags=["imports"])
    def post(self, request: Request, import_id: str) -> Response:
        of = get_object_or_404(self.organization.imports.for_list(), uuid=import_id)
        if not can(self.member, kind_named(of.kind).permission):
            self.permission_denied(request, message="Your role does not allow this kind of import.")
        of.job = cancel_job(of.job)
        return Response(ImportSerializer(of).data)


@own_transactions
class ImportUndoView(TenantAPIView):
    """Puts back what an import overwrote and removes what it made, for 30 days, unless something newer touched it."""

    write_permission = Action.BRING_FILES

    @extend_schema(
        request=None,
        parameters=[PREFER],
        responses={200: ImportSerializer, 202: ImportSerializer},
        tags=["imports"],
    )
    def post(self, request: Request, import_id: str) -> Response:
        with organization_scope(self.organization, write=False):
            of = get_object_or_404(self.organization.imports.for_list(), uuid=import_id)
        if not can(self.member, kind_named(of.kind).permission):
            self.permission_denied(request, message="Your role does not allow this kind of import.")
        of = undo_import(of=of, by=self.member.user, respond_async=prefers_async(request))
        job = of.undo_job
        if job is not None and job.status == JobStatus.FAILED:
            raise UndoFailed(job.error)
        with organization_scope(self.organization, write=False):
            response = Response(ImportSerializer(of).data)
        if job is not None and not job.is_finished:
            response.status_code = 202
            response["Location"] = reverse("api_job", args=[job.uuid])
        return response


class ImportErrorFileView(TenantAPIView):
    """Every error as CSV, beside the row as it stood in the file: correct it and send it again."""

    @extend_schema(responses={(200, "text/csv"): OpenApiResponse(OpenApiTypes.STR)}, tags=["imports"])
    def get(self, request: Request, import_id: str) -> StreamingHttpResponse:
        of = get_object_or_404(self.organization.imports.for_list(), uuid=import_id)
        return error_file(of)


def prefers_async(request: Request) -> bool:
    """Whether the caller would rather come back than wait."""
    return "respond-async" in request.headers.get("Prefer", "")


def error_file(of: Import) -> StreamingHttpResponse:
    """The download of an import's errors."""
    return csv_response(
        of.organization,
        f"errors-{of.created_at:%Y-%m-%d}-{str(of.uuid)[:8]}.csv",
        error_file_header(of),
        lambda: error_file_rows(of),
    )


def answer(submitted: Submitted, data: Any, *, done: int) -> Response:
    """The import's answer: `done` once it has ended, 202 and where to look while it has not."""
    job = submitted.of.job
    response = Response(data, status=done if job.is_finished else 202)
    if not job.is_finished:
        response["Location"] = reverse("api_job", args=[job.uuid])
    if submitted.is_replay:
        response["Idempotent-Replayed"] = "true"
    return response
