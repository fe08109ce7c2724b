"""The platform's own endpoints: the service's status, who am I, jobs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.vary import vary_on_headers
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from csplatform.api.browser import prefers_html
from csplatform.api.pagination import ListPagination
from csplatform.api.query import read_query
from csplatform.api.serializers import JobSerializer, MeSerializer, ServiceStatusSerializer
from csplatform.api.views import TenantAPIView, TenantGenericView
from csplatform.enums import JobStatus
from csplatform.jobs import cancel_job
from csplatform.models import Job
from csplatform.permissions import Action, can

SERVICE_NAME = "AI Success Insights API"
"""Fixed by the success-insights contract."""


class ServiceStatusView(APIView):
    """Says that the service answers, without a login; a browser is sent to the dashboard instead."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(responses=ServiceStatusSerializer, auth=[], tags=["platform"])
    def get(self, request: Request) -> Response:
        return Response({"status": "healthy", "service": SERVICE_NAME, "version": settings.VERSION})


_status = ServiceStatusView.as_view()


@vary_on_headers("Accept")
def root(request: HttpRequest) -> HttpResponse:
    if request.method == "GET" and prefers_html(request):
        return HttpResponseRedirect("/dashboard")
    return _status(request)


root.__dict__.update(_status.__dict__)


class MeView(TenantAPIView):
    """Who the caller is, in which organisation, and what the role allows."""

    @extend_schema(responses=MeSerializer, tags=["platform"])
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(self.member).data)


class JobQuery(serializers.Serializer[Any]):
    kind = serializers.CharField(required=False)
    status = serializers.ChoiceField(choices=JobStatus.choices, required=False)


class JobListView(TenantGenericView):
    """Background work of the organisation, newest first."""

    pagination_class = ListPagination
    serializer_class = JobSerializer
    queryset = Job.objects.none()

    def get_queryset(self) -> QuerySet[Job]:
        return self.organization.jobs.all()

    @extend_schema(parameters=[JobQuery], responses=JobSerializer(many=True), tags=["platform"])
    def get(self, request: Request) -> Response:
        wanted = read_query(request, JobQuery)
        page = self.paginate_queryset(self.get_queryset().filter(**wanted))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class JobView(TenantAPIView):
    """One job with its progress, for polling."""

    @extend_schema(responses=JobSerializer, tags=["platform"])
    def get(self, request: Request, job_id: str) -> Response:
        return Response(JobSerializer(get_object_or_404(self.organization.jobs, uuid=job_id)).data)


class JobCancelView(TenantAPIView):
    """Stops a job between two chunks; what it has committed stays. For who asked for it, and for managers."""

    write_permission = Action.OWN_SETTINGS

    @extend_schema(
        request=None,
        responses=JobSerializer,
        parameters=[OpenApiParameter("job_id", str, OpenApiParameter.PATH)],
        tags=["platform"],
    )
    def post(self, request: Request, job_id: str) -> Response:
        job = get_object_or_404(self.organization.jobs, uuid=job_id)
        if job.asked_by_id != self.member.user_id and not can(self.member, Action.RUN_IMPORTS):
            self.permission_denied(request, message="Only who asked for a job, a manager or an admin may cancel it.")
        return Response(JobSerializer(cancel_job(job)).data)
