"""Doors that only a development system has: the one-time codes that were sent, and the files of the development PKI."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from config.views_components import components
from correspondence.directory.selectors import open_roles
from correspondence.directory.sms import development_codes
from signing.services import development_pki_files

_TYPES = {
    "root.pem": "application/x-pem-file",
    "crl.der": "application/pkix-crl",
    "root-crl.der": "application/pkix-crl",
}


@require_GET
def codes(request: HttpRequest) -> HttpResponse:
    """The last codes, newest first: what a mobile would show."""
    sent = development_codes()
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        entries = [
            {
                "mobile": entry.mobile,
                "national_code": entry.national_code,
                "purpose": entry.purpose,
                "code": entry.code,
                "at": entry.at.isoformat(),
            }
            for entry in sent
        ]
        return JsonResponse({"codes": entries})
    return render(request, "development/codes.html", {"codes": sent[:40]})


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """Who can sign in for which agency, as JSON: so that a program can play a clerk without being told of the demo data."""
    entries = [
        {
            "agency": role.agency.national_id,
            "agency_id": str(role.agency_id),
            "agency_name": role.agency.name,
            "right": role.right,
            "name": role.person.full_name,
            "national_code": role.person.national_code,
        }
        for role in open_roles()
    ]
    return JsonResponse({"people": entries})


@require_GET
def pki_file(request: HttpRequest, name: str) -> HttpResponse:
    """Root certificate or revocation list, for verifiers."""
    if name not in _TYPES:
        raise Http404
    response = HttpResponse(development_pki_files()[name], content_type=_TYPES[name])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


urlpatterns = [
    path("codes/", codes, name="development_codes"),
    path("people/", people, name="development_people"),
    path("components/", components, name="components"),
    path("<str:name>", pki_file, name="development_pki"),
]
