"""The page of search, and the same answer as JSON."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from correspondence.directory.access import actor_from
from search.pages import results_page

# Longer queries find nothing more; the rest is not read.
MAX_QUERY = 300


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Letters and notices that the actor may see, found by `q`; `after` leads on.

    A client that prefers JSON gets {"results": [{"kind", "id", "letter", "url", ...}], "more", "after"}.
    """
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    page = results_page(actor_from(request), query, request.GET.get("after"))
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        results = [result.as_json() for result in page.results]
        response: HttpResponse = JsonResponse({"results": results, "more": page.more, "after": page.after})
    else:
        is_first = not request.GET.get("after")
        response = render(request, "search/search.html", {"query": query, "page": page, "is_first": is_first})
    response["Cache-Control"] = "private, no-store"
    response["Vary"] = "Accept, Cookie"
    return response
