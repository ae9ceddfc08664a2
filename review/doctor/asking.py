"""How the doctor asks the site's own public addresses: as anybody outside would, within seconds."""

import ssl
from collections.abc import Mapping

import httpx

SECONDS = 5.0
MAX_BYTES = 2 * 1024**2


class NoAnswerError(Exception):
    """There was no answer; the text says why, in words for an operator."""


def ask(
    url: str, *, method: str = "GET", content: bytes | None = None, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """The answer with its body; no redirect is followed. Raises NoAnswerError.

    Certificates are judged by the authorities this machine trusts.
    """
    try:
        with (
            httpx.Client(
                timeout=SECONDS, trust_env=False, follow_redirects=False, verify=ssl.create_default_context()
            ) as client,
            client.stream(method, url, content=content, headers=headers) as response,
        ):
            body = bytearray()
            for block in response.iter_bytes():
                body += block
                if len(body) > MAX_BYTES:
                    break
            return httpx.Response(response.status_code, headers=_plain(response), content=bytes(body))
    except httpx.ConnectTimeout:
        raise NoAnswerError("it cannot be reached within some seconds") from None
    except httpx.TimeoutException:
        raise NoAnswerError("it does not answer within some seconds") from None
    except httpx.ConnectError as error:
        raise NoAnswerError(why_no_connection(error)) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswerError(f"the connection broke ({type(error).__name__})") from None


def why_no_connection(error: BaseException) -> str:
    """The usual reasons in words."""
    words = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in words:
        return "its certificate is not trusted, or is another name's"
    if "Name or service not known" in words or "nodename nor servname" in words or "No address" in words:
        return "no name server knows its name"
    return "it cannot be reached"


def _plain(response: httpx.Response) -> list[tuple[str, str]]:
    """The head without what tells of a packed body, which is unpacked by now."""
    packing = {"content-encoding", "content-length", "transfer-encoding"}
    return [(name, value) for name, value in response.headers.multi_items() if name.lower() not in packing]
