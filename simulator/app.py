"""Puts the simulator together: one Flask application around one world."""

from flask import Flask, Response

from simulator import avatars, console, control, inbox, inits, oauth, posting, profiles, uploads, users
from simulator.settings import Settings
from simulator.world import World

_PAGE_POLICY = "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'self'; base-uri 'none'"


def create_app(settings: Settings) -> Flask:
    """The WSGI application; starts the threads that fetch and check files."""
    app = Flask("simulator", static_folder=None, template_folder="pages")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
    world = World(settings)
    app.extensions["simulator"] = world
    for module in (oauth, posting, inits, uploads, users, avatars, control, console, profiles, inbox):
        app.register_blueprint(module.blueprint)
    app.context_processor(lambda: {"client_name": settings.client_name})
    app.after_request(_keep_to_ourselves)
    world.checker.start()
    world.fetcher.start()
    world.courier.start()
    return app


def _keep_to_ourselves(response: Response) -> Response:
    """Headers every answer carries. The policy names no form-action: consent ends at another origin."""
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    if response.mimetype == "text/html":
        response.headers.setdefault("Content-Security-Policy", _PAGE_POLICY)
    return response
