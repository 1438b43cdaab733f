# Plays the authorization server of a homeserver that has delegated its logins, as Matrix Authentication Service is:
# authorization codes with PKCE, device codes, rotating refresh tokens, revocation and introspection. It is strict
# where the RFCs are, since a client is what is tested here. Nobody types a password: who calls the authorization page
# or the page of a device code says who they are with `user=NAME`, and may `deny=1`. `lifetime=SECONDS` there sets how
# long access tokens last. Only `admin` may have the scope `urn:synapse:admin:*`. `POST /expire` with a `device` ends
# its access token at this moment, and nothing else: the homeserver, which remembers a token for two minutes, takes it
# back because the device is gone until the token is renewed.
import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.error
import urllib.parse

API = ("urn:matrix:client:api:*", "urn:matrix:org.matrix.msc2967.client:api:*")
DEVICE = ("urn:matrix:client:device:", "urn:matrix:org.matrix.msc2967.client:device:")
ADMIN = "urn:synapse:admin:*"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ACTIONS = ["org.matrix.profile", "org.matrix.device_delete", "org.matrix.cross_signing_reset"]


class Refused(Exception):
    def __init__(self, code, description="", status=400):
        super().__init__(code)
        self.status, self.answer = status, {"error": code, "error_description": description}


class Form(dict):
    # What a client has left out is its mistake.
    def __missing__(self, name):
        raise Refused("invalid_request", f"{name} is missing")


class Authorization:
    # `others` are tokens that were given out elsewhere, `tell` calls the homeserver.
    def __init__(self, url, others, tell, secret, lifetime=300):
        self.url, self.others, self.tell, self.secret, self.lifetime = url, others, tell, secret, lifetime
        self.lock = threading.RLock()
        self.clients, self.codes, self.devices, self.access, self.refresh = {}, {}, {}, {}, {}
        self.refreshes = 0

    def answer(self, method, path, query, body, bearer):
        with self.lock:
            try:
                return self.route(method, path, query, body, bearer)
            except Refused as refused:
                return refused.status, {}, refused.answer

    def route(self, method, path, query, body, bearer):
        form, query = Form(urllib.parse.parse_qsl(body.decode())), Form(query)
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return 200, {}, self.metadata()
            case "POST", "/oauth2/registration":
                return 201, {}, self.register(body)
            case "GET", "/authorize":
                return self.authorize(query)
            case "POST", "/oauth2/device":
                return 200, {}, self.start_device(form)
            case "GET", "/link":
                return 200, {}, self.link(query)
            case "POST", "/oauth2/token":
                return 200, {"Cache-Control": "no-store"}, self.token(form)
            case "POST", "/oauth2/revoke":
                self.end(self.access.get(form["token"]) or self.refresh.get(form["token"]))
                return 200, {}, {}
            case "POST", "/oauth2/introspect":
                if bearer != self.secret:
                    raise Refused("invalid_client", status=401)
                return 200, {}, self.introspect(form["token"])
            case "POST", "/expire":
                self.expire(form["device"])
                return 200, {}, {}
            case "GET", "/refreshes":
                return 200, {}, {"refreshes": self.refreshes}
        return None

    def metadata(self):
        at = self.url
        return {
            "issuer": f"{at}/",
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/oauth2/token",
            "revocation_endpoint": f"{at}/oauth2/revoke",
            "registration_endpoint": f"{at}/oauth2/registration",
            "introspection_endpoint": f"{at}/oauth2/introspect",
            "device_authorization_endpoint": f"{at}/oauth2/device",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment"],
            "grant_types_supported": ["authorization_code", "refresh_token", DEVICE_GRANT],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "prompt_values_supported": ["create"],
            "account_management_uri": f"{at}/account/",
            "account_management_actions_supported": ACTIONS,
        }

    def register(self, body):
        try:
            asked = dict(json.loads(body))
        except (TypeError, ValueError) as error:
            raise Refused("invalid_client_metadata", "a JSON object is needed") from error
        web = urllib.parse.urlsplit(asked.get("client_uri", ""))
        if web.scheme != "https" or asked.get("token_endpoint_auth_method") != "none":
            raise Refused("invalid_client_metadata", "an https client_uri and no client authentication are needed")
        for uri in asked.get("redirect_uris", []):
            at = urllib.parse.urlsplit(uri)
            if at.scheme != "http" or at.hostname not in ("127.0.0.1", "localhost", "::1") or at.port:
                raise Refused("invalid_redirect_uri", "a native client redirects to loopback, on any port")
        client = secrets.token_hex(8)
        self.clients[client] = asked
        return {**asked, "client_id": client, "client_id_issued_at": int(time.time())}

    def client(self, client, grant):
        known = self.clients.get(client)
        if known is None:
            raise Refused("invalid_client", status=401)
        if grant not in known.get("grant_types", []):
            raise Refused("unauthorized_client")
        return known

    def authorize(self, query):
        known = self.client(query["client_id"], "authorization_code")
        redirect = urllib.parse.urlsplit(query["redirect_uri"])
        # On loopback the port is the client's business: RFC 8252, 7.3.
        if redirect._replace(netloc=redirect.hostname).geturl() not in known["redirect_uris"]:
            raise Refused("invalid_request", "the redirect URI is not registered")
        if "user" not in query:
            return 200, {}, "<p>Who are you?</p>"
        given = {"iss": f"{self.url}/"} | ({"state": query["state"]} if "state" in query else {})
        try:
            if query["response_type"] != "code" or query.get("code_challenge_method") != "S256":
                raise Refused("invalid_request", "a code, with PKCE")
            grant = self.grant(query, query["scope"])
            asked = {"challenge": query["code_challenge"], "redirect": query["redirect_uri"], "asker": query["client_id"]}
            grant.update(asked, until=time.time() + 60)
            code = secrets.token_urlsafe(16)
            self.codes[code] = grant
            given["code"] = code
        except Refused as refused:
            given |= refused.answer
        return 302, {"Location": f"{query['redirect_uri']}?{urllib.parse.urlencode(given)}"}, ""

    # What a user has agreed to.
    def grant(self, query, scope):
        if "deny" in query:
            raise Refused("access_denied", "the user said no")
        scopes = scope.split(" ")
        devices = [one.removeprefix(start) for one in scopes for start in DEVICE if one.startswith(start)]
        known = [one for one in scopes if one in API or one == ADMIN or one.startswith(DEVICE)]
        if len(devices) != 1 or len(known) != len(scopes) or not set(scopes) & set(API):
            raise Refused("invalid_scope", "the client API and one device, and perhaps the admin API")
        if ADMIN in scopes and query["user"] != "admin":
            raise Refused("invalid_scope", "this user is no administrator")
        lifetime = int(query.get("lifetime", self.lifetime))
        return {"user": query["user"], "scope": scope, "device": devices[0], "lifetime": lifetime, "alive": True}

    def start_device(self, form):
        self.client(form["client_id"], DEVICE_GRANT)
        device, user = secrets.token_urlsafe(16), secrets.token_hex(3).upper()
        self.devices[device] = {
            "client": form["client_id"],
            "scope": form["scope"],
            "code": user,
            "until": time.time() + 60,
            "polled": 0,
            "interval": 1,
            "outcome": None,
        }
        page = f"{self.url}/link"
        return {
            "device_code": device,
            "user_code": user,
            "verification_uri": page,
            "verification_uri_complete": f"{page}?code={user}",
            "expires_in": 60,
            "interval": 1,
        }

    def link(self, query):
        for pending in self.devices.values():
            if pending["code"] == query["code"]:
                try:
                    pending["outcome"] = self.grant(query, pending["scope"])
                except Refused as refused:
                    pending["outcome"] = refused
                return {}
        raise Refused("invalid_request", "no such code")

    def token(self, form):
        grant = form["grant_type"]
        self.client(form["client_id"], grant)
        if grant == "authorization_code":
            return self.take_code(form)
        if grant == "refresh_token":
            return self.take_refresh(form)
        return self.take_device(form)

    def take_code(self, form):
        grant = self.codes.get(form["code"])
        if grant is None or grant["asker"] != form["client_id"]:
            raise Refused("invalid_grant", "no such code")
        if grant.get("used"):
            # Somebody else has seen the code: RFC 6749, 4.1.2.
            self.end(grant)
            raise Refused("invalid_grant", "the code was used before")
        if grant["until"] < time.time():
            raise Refused("invalid_grant", "the code has expired")
        grant["used"] = True
        hashed = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if hashed != grant["challenge"] or form["redirect_uri"] != grant["redirect"]:
            raise Refused("invalid_grant", "the verifier or the redirect URI does not fit")
        return self.issue(grant, form["client_id"])

    def take_refresh(self, form):
        grant = self.refresh.get(form["refresh_token"])
        if grant is None or not grant["alive"] or grant["client"] != form["client_id"]:
            raise Refused("invalid_grant", "no such refresh token")
        if grant["current"] != form["refresh_token"]:
            self.end(grant)
            raise Refused("invalid_grant", "the refresh token was used before")
        self.refreshes += 1
        return self.issue(grant, form["client_id"])

    def take_device(self, form):
        pending = self.devices.get(form["device_code"])
        if pending is None or pending["client"] != form["client_id"]:
            raise Refused("invalid_grant", "no such device code")
        now = time.time()
        early, pending["polled"] = now - pending["polled"] < pending["interval"] - 0.1, now
        if pending["until"] < now:
            raise Refused("expired_token")
        if early:
            pending["interval"] += 5
            raise Refused("slow_down")
        if pending["outcome"] is None:
            raise Refused("authorization_pending")
        del self.devices[form["device_code"]]
        if isinstance(pending["outcome"], Refused):
            raise pending["outcome"]
        return self.issue(pending["outcome"], form["client_id"])

    def issue(self, grant, client):
        if not grant.get("known"):
            self.call("provision_user", {"localpart": grant["user"]})
            self.call("upsert_device", {"localpart": grant["user"], "device_id": grant["device"]})
            grant["known"] = True
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        grant.update(client=client, current=refresh, until=time.time() + grant["lifetime"], access=access)
        self.access[access] = self.refresh[refresh] = grant
        return {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": grant["lifetime"],
            "scope": grant["scope"],
        }

    def introspect(self, token):
        grant = self.access.get(token)
        left = 0 if grant is None else grant["until"] - time.time()
        if grant is None or not grant["alive"] or grant["access"] != token or left <= 0:
            return self.others.get(token, {"active": False})
        # Whole seconds, never more than are left: at least one, or the token would be dead on arrival.
        left = max(1, int(left))
        return {
            "active": True,
            "scope": grant["scope"],
            "username": grant["user"],
            "sub": grant["user"],
            "device_id": grant["device"],
            "expires_in": left,
        }

    def end(self, grant):
        if grant is not None and grant["alive"]:
            grant["alive"] = False
            self.forget(grant)

    def expire(self, device):
        grants = [one for one in self.access.values() if one["device"] == device and one["alive"]]
        if not grants:
            raise Refused("invalid_request", "no such device")
        grants[-1]["until"] = 0
        self.forget(grants[-1])

    # The homeserver does not know the device any more.
    def forget(self, grant):
        if grant.get("known"):
            grant["known"] = False
            self.call("delete_device", {"localpart": grant["user"], "device_id": grant["device"]})

    def call(self, what, body):
        try:
            self.tell(what, body)
        except urllib.error.HTTPError as error:
            raise Refused("server_error", f"the homeserver says {error.code}", 500) from error
