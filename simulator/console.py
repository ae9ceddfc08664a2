"""The page behind the stage: see, add and clear faults by hand."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from simulator.creators import CAST
from simulator.faults import CALLS, KINDS, FaultError, add_fault, all_faults, clear_faults
from simulator.world import the_world

blueprint = Blueprint("console", __name__, url_prefix="/_simulator")

_KIND_TEXTS: dict[str, str] = {
    "http": "answer with an HTTP status",
    "error": "answer with an error code",
    "html": "answer with a web page",
    "truncated": "do it, then send half of the answer",
    "slow": "wait, then work normally",
    "hang": "wait, then hang up, nothing done",
    "hang_after": "do it, wait, then hang up",
    "drop_before": "hang up at once, nothing done",
    "drop_after": "do it, then hang up",
    "reset_before": "reset the connection, nothing done",
    "reset_after": "do it, then reset the connection",
    "fail_reason": "let the post end as failed",
    "stuck": "keep the post processing",
    "status_word": "answer with another status word",
    "cut": "fetch: hang up after some bytes",
    "head_first": "fetch: ask with HEAD first",
    "ranged": "fetch: take the file in ranges",
    "parallel": "fetch: several requests at once",
    "repeat": "fetch: take the file twice",
    "lost": "webhook: never send it",
    "doubled": "webhook: send it twice",
    "late": "webhook: send it late",
    "reordered": "webhook: send it after the next ones",
    "forged": "webhook: send it in a stranger's name, too",
}
# The one detail a kind needs, as a field of the form names it.
_DETAIL_OF: dict[str, str] = {
    "http": "status",
    "error": "code",
    "slow": "seconds",
    "hang": "seconds",
    "hang_after": "seconds",
    "late": "seconds",
    "fail_reason": "reason",
    "status_word": "word",
    "cut": "bytes",
}


@blueprint.get("/")
def show() -> Response:
    return _page("", 200)


@blueprint.post("/")
def change() -> AnyResponse:
    """Clear one fault or all, or add one; then back to the page."""
    try:
        with the_world().state.transaction() as db:
            if "clear" in request.form:
                clear_faults(db, request.form.get("clear", type=int))
            else:
                add_fault(db, _plan())
    except FaultError as error:
        return _page(f"Not added: {error}.", 400)
    return redirect(url_for("console.show"), 303)


def _plan() -> dict[str, object]:
    form = request.form
    kind = form.get("kind", "")
    plan: dict[str, object] = {"on": form.get("on", ""), "kind": kind}
    times = form.get("times", "").strip()
    plan["times"] = int(times) if times.isdecimal() else None
    if form.get("creator"):
        plan["creator"] = form["creator"]
    name = _DETAIL_OF.get(kind)
    if name is not None:
        detail = form.get("detail", "").strip()
        if not detail:
            raise FaultError(f"{kind} needs a {name}")
        plan[name] = _number(name, detail) if name in {"status", "seconds", "bytes"} else detail
    return plan


def _number(name: str, text: str) -> int:
    if not text.isdecimal():
        raise FaultError(f"the {name} must be a whole number")
    return int(text)


def _page(problem: str, status: int) -> Response:
    world = the_world()
    with world.state.transaction() as db:
        faults = [fault.to_json() for fault in all_faults(db)]
    page = render_template(
        "console.html",
        problem=problem,
        faults=faults,
        calls=CALLS,
        kinds=[(kind, _KIND_TEXTS[kind], _DETAIL_OF.get(kind, "")) for kind in KINDS],
        usernames=list(CAST),
        switches=world.switches.to_json(),
        form=request.form,
    )
    return make_response(page, status)
