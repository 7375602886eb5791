"""Around the calls of each vendor: the simulators' settings, encoders through the control interface, and waiting."""

import json
import sys
import time
import urllib.error
import urllib.request
from urllib.parse import urljoin

SIM = json.load(sys.stdin)


def client_of(vendor):
    return SIM['vendors'][vendor]['client']


def control(method, path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(SIM['control'] + path, method=method, data=data)
    request.add_header('content-type', 'application/json')
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def push(url):
    return control('POST', '/encoders', {'url': url})['id']


def refused(url):
    try:
        control('POST', '/encoders', {'url': url, 'seconds': 1})
    except urllib.error.HTTPError as error:
        return error.code == 409
    return False


def ended(encoder):
    return until(lambda: next(one for one in control('GET', '/encoders') if one['id'] == encoder).get('ended'))


def until(look, seconds=60):
    """What `look` gives once it gives something."""
    give_up = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > give_up:
            raise TimeoutError(f'nothing was seen for {seconds} s')
        time.sleep(0.1)


def read(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def segments(url, playlist):
    """How many segments a playlist names and how many bytes the first one has; the first variant of a multivariant one."""
    lines = [line for line in playlist.splitlines() if line and not line.startswith('#')]
    first = urljoin(url, lines[0])
    if '#EXT-X-STREAM-INF' in playlist:
        return segments(first, read(first).decode())
    return {'count': len(lines), 'firstBytes': len(read(first))}


def report(**facts):
    print(json.dumps(facts, default=str))
