"""The page for a fault of ours: it needs nothing that such a fault may have broken, the database least of all."""

from django.http import HttpRequest, HttpResponseServerError
from django.template import loader

from config.context import installation


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """Say that something broke; the site's name and its links still stand there."""
    return HttpResponseServerError(loader.render_to_string("500.html", installation(request)))
