# Plays what a homeserver needs around it, on loopback, in threads of Synapse's own process: an application service
# with a third-party network, a mail server, a CAS, an identity server, and an authorization server: that of
# authorization.py, which beside its own ways logs in whoever asks. None of the others checks more than a test can see. `GET /mail/<address>` gives the mails that came for
# somebody, as a list of texts.
import datetime
import email
import http.server
import json
import os
import secrets
import socketserver
import ssl
import threading
import urllib.parse
import urllib.request

NETWORK = {
    "user_fields": ["nick"],
    "location_fields": ["channel"],
    "icon": "mxc://localhost/network",
    "field_types": {
        "nick": {"regexp": "[a-z]+", "placeholder": "nick"},
        "channel": {"regexp": "#[a-z]+", "placeholder": "#channel"},
    },
    "instances": [{"desc": "A test network", "network_id": "testnet", "fields": {"host": "irc.localhost"}}],
}

mails = {}
# What neighbours.json says of the homeserver and of its delegation of logins, and who has which token.
mas = {}
tokens = {}


class Web(http.server.BaseHTTPRequestHandler):
    # Set below, from the registration.
    token = ""
    # Set below: the authorization server of authorization.py.
    oauth = None

    def log_message(self, *args):
        pass

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, *more, answer = self.answer(url.path, query, body)
        kind, answer = ("text/xml", answer) if isinstance(answer, str) else ("application/json", json.dumps(answer))
        answer = answer.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        for name, value in (more[0] if more else {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = handle_any

    def answer(self, path, query, body):
        if path.startswith("/_matrix/app/v1/"):
            if self.headers.get("Authorization") != f"Bearer {self.token}":
                return 403, {"errcode": "M_FORBIDDEN", "error": "not our homeserver"}
            return appservice(path.removeprefix("/_matrix/app/v1/"), query)
        if path.startswith("/_matrix/identity/"):
            return identity(path, json.loads(body or b"{}"))
        if path.startswith("/mas/"):
            return self.authorization(path.removeprefix("/mas/"), query, body)
        if path.startswith("/mail/"):
            return 200, mails.get(urllib.parse.unquote(path.removeprefix("/mail/")), [])
        if path == "/cas/login":
            # Whoever says so is logged in; then the browser goes back with a ticket.
            at = query["service"]
            ticket = urllib.parse.urlencode({"ticket": query["user"]})
            return 302, {"Location": f"{at}{'&' if '?' in at else '?'}{ticket}"}, ""
        if path == "/cas/proxyValidate":
            return 200, cas(query["ticket"])
        return 404, {"errcode": "M_UNRECOGNIZED", "error": "nobody lives here"}

    def authorization(self, path, query, body):
        if path == "login":
            return 200, delegated_login(query["user"], "admin" in query)
        bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        return self.oauth.answer(self.command, f"/{path}", query, body, bearer) or (404, {"error": "not found"})


def delegated_login(user, admin):
    # As Matrix Authentication Service does: the homeserver hears of user and device before the token is used.
    device = secrets.token_hex(5).upper()
    tell_homeserver("provision_user", {"localpart": user})
    tell_homeserver("upsert_device", {"localpart": user, "device_id": device})
    scope = f"urn:matrix:client:api:* urn:matrix:client:device:{device}" + (" urn:synapse:admin:*" if admin else "")
    token = secrets.token_hex(16)
    tokens[token] = {"active": True, "username": user, "scope": scope}
    return {"user_id": f"@{user}:{mas['server_name']}", "device_id": device, "access_token": token}


def tell_homeserver(what, about):
    headers = {"Authorization": f"Bearer {mas['secret']}", "Content-Type": "application/json"}
    url = f"{mas['homeserver']}/_synapse/mas/{what}"
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(about).encode(), headers), timeout=30).close()


def appservice(path, query):
    match path.split("/"):
        case ["ping"] | ["transactions", _]:
            return 200, {}
        case ["thirdparty", "protocol", "testnet"]:
            return 200, NETWORK
        case ["thirdparty", "user", "testnet"]:
            return 200, [{"userid": "@_testnet_cat:localhost", "protocol": "testnet", "fields": query}]
        case ["thirdparty", "location", "testnet"]:
            return 200, [{"alias": "#_testnet_cats:localhost", "protocol": "testnet", "fields": query}]
    return 404, {"errcode": "M_NOT_FOUND", "error": "not on this network"}


def identity(path, body):
    match path.split("/")[-1]:
        case "requestToken":
            return 200, {"sid": "phone"}
        case "bind":
            return 200, {"medium": "email", "address": "bound@localhost", "mxid": body["mxid"]}
        case "unbind":
            return 200, {}
        case "hash_details":
            return 200, {"algorithms": ["none", "sha256"], "lookup_pepper": "pepper"}
        case "lookup":
            return 200, {"mappings": {}}
        case "store-invite":
            # No key is behind it: none is needed before somebody accepts.
            key = "A" * 43
            keys = [{"public_key": key, "key_validity_url": "https://localhost/isvalid"}]
            invite = {"token": "invited", "display_name": "Some...", "public_key": key, "public_keys": keys}
            return 200, invite
    return 404, {"errcode": "M_NOT_FOUND", "error": "no such session"}


def cas(ticket):
    # Whoever has a ticket is whom it names.
    user = f"<cas:authenticationSuccess><cas:user>{ticket}</cas:user></cas:authenticationSuccess>"
    return f'<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">{user}</cas:serviceResponse>'


class Mail(socketserver.StreamRequestHandler):
    def handle(self):
        to = []
        self.wfile.write(b"220 localhost\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"RCPT":
                to.append(line.decode().partition("<")[2].partition(">")[0])
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.store(to)
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return

    def store(self, to):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        parts = email.message_from_bytes(b"".join(lines)).walk()
        texts = [part.get_payload(decode=True).decode() for part in parts if part.get_content_type() == "text/plain"]
        for one in to:
            mails.setdefault(one, []).extend(texts)


def certificate(folder):
    # Nobody checks it: the homeserver is told not to.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + datetime.timedelta(days=99)).sign(key, hashes.SHA256())
    path = os.path.join(folder, "identity.pem")
    with open(path, "wb") as file:
        pem = serialization.Encoding.PEM
        plain = serialization.NoEncryption()
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        file.write(made.public_bytes(pem))
    return path


def serve(port, handler, path=None):
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", port), handler)
    if path:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def neighbours(folder):
    with open(os.path.join(folder, "neighbours.json")) as file:
        ours = json.load(file)
    Web.token = ours["token"]
    mas.update(ours["mas"])
    Web.oauth = Authorization(mas["issuer"].rstrip("/"), tokens, tell_homeserver, mas["secret"])
    serve(ours["web"], Web)
    serve(ours["mail"], Mail)
    serve(ours["identity"], Web, certificate(folder))
