"""The upload host: takes chunks in order, straight to disk."""

from pathlib import Path

from flask import Blueprint, Response, request

from simulator.calls import contract_call
from simulator.posts import FAILED, Post, find_upload, take_bytes
from simulator.ranges import ContentRange, progress_header, read_content_range
from simulator.wire import BLOCK_BYTES, CutConnection, drain_body
from simulator.world import World, the_world

blueprint = Blueprint("uploads", __name__)

CONTENT_TYPES = frozenset({"video/mp4", "video/quicktime", "video/webm"})
_LOCK_SECONDS = 30


@blueprint.put("/upload")
@contract_call("chunk")
def put_chunk() -> Response:
    """One chunk; answers 201, 206, 400, 403, 404, 416 or 500, each with an empty body."""
    world = the_world()
    lock = world.upload_lock(request.args.get("upload_id", ""))
    if not lock.acquire(timeout=_LOCK_SECONDS):
        return _refused(500)
    try:
        return _take_chunk(world)
    finally:
        lock.release()


def _take_chunk(world: World) -> Response:
    now = world.now()
    with world.state.transaction() as db:
        post = find_upload(db, request.args.get("upload_id", ""))
    if post is None or post.upload_token != request.args.get("upload_token") or post.status == FAILED:
        return _refused(404)
    if now >= post.url_expires_at:
        return _refused(403)
    sent = read_content_range(request.headers.get("Content-Range", ""))
    if (
        sent is None
        or sent.total != post.video_size
        or sent.size != request.content_length
        or request.headers.get("Content-Type") not in CONTENT_TYPES
    ):
        return _refused(400)
    if sent.first != post.uploaded_bytes:
        return _refused(416, progress_header(post.uploaded_bytes, post.video_size, _style(world)))
    if sent.last != _end_of_chunk(post):
        return _refused(400)
    try:
        is_whole = _write(world.state.path_of(post.upload_id), sent)
    except OSError:
        # The client went away in the middle: what came of this chunk does not count.
        return CutConnection(is_reset=False)
    if not is_whole:
        return CutConnection(is_reset=False)
    return _note_chunk(world, post, sent)


def _note_chunk(world: World, post: Post, sent: ContentRange) -> Response:
    with world.state.transaction() as db:
        taken = take_bytes(
            db,
            post,
            up_to=sent.last + 1,
            content_type=request.headers["Content-Type"],
            now=world.now(),
        )
    if taken is None:
        return _refused(404)
    is_last = taken.uploaded_bytes == taken.video_size
    if is_last:
        world.checker.submit(taken.publish_id)
    response = Response(status=201 if is_last else 206)
    response.headers["Content-Range"] = progress_header(taken.uploaded_bytes, taken.video_size, _style(world))
    return response


def _write(path: Path, sent: ContentRange) -> bool:
    """Stream the body to its place in the file; False when the client sent less than it announced."""
    stream = request.environ["wsgi.input"]
    left = sent.size
    # Unbuffered, and created without truncating what is there.
    path.touch(mode=0o600)
    with path.open("r+b", buffering=0) as file:
        file.seek(sent.first)
        while left > 0:
            block = stream.read(min(left, BLOCK_BYTES))
            if not block:
                return False
            file.write(block)
            left -= len(block)
    return True


def _end_of_chunk(post: Post) -> int:
    """The last byte of the chunk that is due; the final chunk takes the rest."""
    index = post.uploaded_bytes // post.chunk_size
    if index >= post.total_chunk_count - 1:
        return post.video_size - 1
    return post.uploaded_bytes + post.chunk_size - 1


def _refused(status: int, content_range: str = "") -> Response:
    drain_body()
    response = Response(status=status)
    if content_range:
        response.headers["Content-Range"] = content_range
    return response


def _style(world: World) -> str:
    return world.switches.content_range
