"""The page of search, and the same answer as JSON."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Letters and notices that the actor may see, found by `q`."""
    return render(request, "search/search.html", {"query": request.GET.get("q", "")})
