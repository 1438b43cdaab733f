# Holds operations against the routes that Synapse registers, without starting a server. The input is JSON: `config`,
# with `FOLDER` standing for a folder that is gone afterwards, and `operations`, each a method and a path template.
# Prints `lacks <method> <path>` for an operation without a route and `serves <method> <pattern>` for a route that no
# operation leads to.
import json
import os
import re
import sys
import tempfile

from twisted.internet import reactor

from synapse.app.homeserver import create_homeserver
from synapse.config.homeserver import HomeServerConfig
from synapse.http.server import JsonResource
from synapse.logging.context import LoggingContext

NAMES = ["client", "federation", "keys", "static", "consent"]


def routes(config):
    hs = create_homeserver(config)
    hs.setup()
    resources = {}
    for name in NAMES:
        if name != "consent" or config.consent.user_consent_version is not None:
            resources.update(hs._configure_named_resource(name))
    for prefix, resource in resources.items():
        yield from walk(prefix, resource)


def walk(prefix, resource):
    if isinstance(resource, JsonResource):
        for pattern, methods in resource._routes.items():
            for method in methods:
                yield method.decode(), pattern.pattern, prefix
    else:
        methods = [name for name in ("GET", "POST", "PUT", "DELETE") if answers(resource, name)]
        for method in methods:
            yield method, "", prefix
    for name, child in resource.children.items():
        yield from walk(prefix + "/" + name.decode(), child)


def answers(resource, method):
    return any(hasattr(resource, name + method) for name in ("render_", "_async_render_"))


def sample(template):
    return re.sub(r"\{[^}]*\}", "x", template)


def matches(route, method, path):
    kind, pattern, prefix = route
    if method != kind:
        return False
    if pattern:
        # As Synapse does: from the beginning, and as far as the pattern goes.
        return re.match(pattern, path) is not None
    return path == prefix


asked = json.load(sys.stdin)
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "homeserver.yaml")
    with open(path, "w") as file:
        file.write(json.dumps(asked["config"]).replace("FOLDER", folder))
    config = HomeServerConfig.load_config("", ["--config-path", path])
    with LoggingContext(name="routes", server_name=config.server.server_name):
        # One resource hangs at several places, and then has all its patterns at each.
        known = {(method, pattern, "" if pattern else prefix) for method, pattern, prefix in routes(config)}
reached = set()
for method, template in asked["operations"]:
    found = {route for route in known if matches(route, method, sample(template))}
    reached |= found
    if not found:
        print("lacks", method, template)
for method, pattern, prefix in sorted(known - reached):
    print("serves", method, pattern or prefix)
sys.stdout.flush()
# Threads of the database would keep the process alive.
os._exit(0)
