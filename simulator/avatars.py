"""Faces for the cast: drawn by code, served under addresses that stop working after two hours."""

import colorsys
import functools
import hashlib
import hmac
import io
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request
from PIL import Image, ImageColor, ImageDraw, ImageFont

from simulator.creators import find_creator
from simulator.world import World, the_world

blueprint = Blueprint("avatars", __name__)

# Source: creator info reference page, TTL of the avatar URL.
URL_SECONDS = 7200
_SIDE = 168
_OVERSAMPLE = 3


def avatar_url(world: World, username: str) -> str:
    """An absolute address of the picture, good for two hours."""
    expires = int(world.now() + URL_SECONDS)
    query = urlencode({"x-expires": expires, "x-signature": _signature(world, username, expires)})
    return f"{world.settings.public_url}/avatars/{username}.png?{query}"


@blueprint.get("/avatars/<username>.png")
def avatar(username: str) -> Response:
    world = the_world()
    with world.state.transaction() as db:
        creator = find_creator(db, username)
    if creator is None:
        abort(404)
    expires = request.args.get("x-expires", default=0, type=int)
    signature = request.args.get("x-signature", "")
    if world.now() >= expires or not hmac.compare_digest(signature, _signature(world, username, expires)):
        abort(403)
    response = Response(_draw(creator.username, creator.colour, creator.nickname), mimetype="image/png")
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


def _signature(world: World, username: str, expires: int) -> str:
    message = f"{username}/{expires}".encode()
    return hmac.new(world.settings.client_secret.encode(), message, hashlib.sha256).hexdigest()[:32]


@functools.cache
def _draw(username: str, colour: str, nickname: str) -> bytes:
    """A hill, a sun and the initials, in the creator's own colour."""
    side = _SIDE * _OVERSAMPLE
    base = ImageColor.getrgb(colour)[:3]
    image = Image.new("RGB", (side, side), base)
    draw = ImageDraw.Draw(image)
    turn = hashlib.sha256(username.encode()).digest()[0] / 255
    sun = int(side * (0.15 + 0.7 * turn))
    draw.ellipse((sun - side // 4, -side // 8, sun + side // 4, side * 3 // 8), fill=_shade(base, 1.25))
    draw.ellipse((-side // 2, side * 11 // 20, side * 9 // 10, side * 2), fill=_shade(base, 0.82))
    draw.ellipse((side // 4, side * 13 // 20, side * 8 // 5, side * 2), fill=_shade(base, 0.68))
    words = nickname.split()
    initials = words[0][0] + words[-1][0]
    draw.text(
        (side / 2, side / 2), initials, fill="#ffffff", font=ImageFont.load_default(side * 0.4), anchor="mm"
    )
    buffer = io.BytesIO()
    image.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS).save(buffer, "PNG")
    return buffer.getvalue()


def _shade(rgb: tuple[int, ...], factor: float) -> tuple[int, int, int]:
    hue, light, saturation = colorsys.rgb_to_hls(*(part / 255 for part in rgb[:3]))
    red, green, blue = colorsys.hls_to_rgb(hue, min(light * factor, 1), saturation)
    return int(red * 255), int(green * 255), int(blue * 255)
