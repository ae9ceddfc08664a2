"""The addresses of import by link: the form, in a page of its own or as a piece of another."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from accounts.clock import database_now
from accounts.policy import MemberRequest, member
from composer.arrival_list import list_arrivals
from composer.importing import ask_import
from composer.receiving import UploadError

_STARTED = "The file is being fetched. It comes into the library by itself; you can leave this page."


@member
@require_http_methods(["GET", "HEAD", "POST"])
def link_import(request: MemberRequest) -> HttpResponseBase:
    """A link is taken in and fetched by a worker, or the form comes back with the sentence that says why not.

    Pressed twice, the same link is fetched once. To htmx the answer is the list of arrivals with the emptied form.
    """
    if request.method != "POST":
        return render(
            request, "composer/link_import.html", {"next": _next_of(request.GET.get("next", ""), request)}
        )
    link = request.POST.get("url", "")
    after = _next_of(request.POST.get("next", ""), request)
    try:
        ask_import(request.workspace, link, user=request.user, now=database_now())
    except UploadError as error:
        context = {"url": link, "error": str(error), "next": after}
        if not request.htmx:
            return render(request, "composer/link_import.html", context, status=422)
        response = render(request, "composer/_link_fields.html", context)
        # htmx swaps what succeeds: the sentence belongs where the link was pasted, not into the list.
        response["HX-Retarget"], response["HX-Reswap"] = "#link-import", "outerHTML"
        return response
    if request.htmx:
        arrivals = list_arrivals(request.workspace, now=database_now())
        return render(request, "composer/_link_started.html", {"arrivals": arrivals, "next": after})
    messages.success(request, _STARTED)
    return redirect(after or "composer:library")


def _next_of(target: str, request: MemberRequest) -> str:
    """The page to go back to, where it is one of ours."""
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_ours else ""
