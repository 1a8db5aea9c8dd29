"""Stands in for the Kubernetes dashboard: a page over HTTPS, with a certificate of its own, that asks the API server whose token it is given."""

import http.server
import json
import os
import ssl
import subprocess
import urllib.parse
import urllib.request

ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
API = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"
PAGE = """<!doctype html><title>Board</title>
<form method=post action=login><textarea name=token aria-label=Token></textarea><button>Sign in</button></form>"""


def account_of(token):
    """The user that the API server knows the token for; None where it refuses it."""
    with open(f"{ACCOUNT}/token") as own:
        headers = {"authorization": f"Bearer {own.read()}", "content-type": "application/json"}
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}}
    url = f"{API}/apis/authentication.k8s.io/v1/tokenreviews"
    request = urllib.request.Request(url, json.dumps(review).encode(), headers)
    trust = ssl.create_default_context(cafile=f"{ACCOUNT}/ca.crt")
    with urllib.request.urlopen(request, context=trust) as answer:
        status = json.load(answer)["status"]
    return status["user"]["username"] if status.get("authenticated") else None


class Board(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.say(PAGE)

    def do_POST(self):
        form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        account = account_of(form.get("token", [""])[0].strip())
        self.say(f"<p>Signed in as {account}</p>" if account else "<p>Refused</p>")

    def say(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


subprocess.run(
    "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=board -keyout /tmp/key.pem -out /tmp/cert.pem".split(),
    check=True,
)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("/tmp/cert.pem", "/tmp/key.pem")
server = http.server.ThreadingHTTPServer(("", 8443), Board)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
