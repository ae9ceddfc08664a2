"""The pages that need nothing a fault may have broken, the database least of all; the site's name stands on them."""

from django.http import HttpRequest, HttpResponseBadRequest, HttpResponseServerError
from django.template import loader

from config.context import installation


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """Say that something broke; the site's name and its links still stand there."""
    return HttpResponseServerError(loader.render_to_string("500.html", installation(request)))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBadRequest:
    """Say that the request made no sense; Django's own view would leave the site's name out."""
    return HttpResponseBadRequest(loader.render_to_string("400.html", installation(request)))
