# Registers users over Synapse's admin API with the shared secret. Reads one JSON object from standard input.
import hashlib
import hmac
import json
import sys
import urllib.error
import urllib.request

job = json.load(sys.stdin)
url = job["base_url"] + "/_synapse/admin/v1/register"
secret = job["secret"].encode()
# The server is on loopback: proxies of the environment are not for it.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def call(body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit("HTTP %d: %s" % (error.code, error.read().decode(errors="replace")))
    except OSError as error:
        sys.exit(str(error))


for user in job["users"]:
    nonce = call()["nonce"]
    role = "admin" if user["admin"] else "notadmin"
    message = "\0".join([nonce, user["name"], user["password"], role]).encode()
    call(
        {
            "nonce": nonce,
            "username": user["name"],
            "password": user["password"],
            "admin": user["admin"],
            "mac": hmac.new(secret, message, hashlib.sha1).hexdigest(),
            # No login, so that a test meets only the devices that it made.
            "inhibit_login": True,
        }
    )
