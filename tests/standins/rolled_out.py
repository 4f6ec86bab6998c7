"""A service that is ready or not, and says which image it is of: ``rolled_out.py PORT STATUS IMAGE``."""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, STATUS, IMAGE = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]


class Service(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(STATUS if self.path == "/health/ready" else 200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(401)  # it wants a key

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(IMAGE)))
        self.end_headers()
        self.wfile.write(IMAGE.encode())

    def log_message(self, *_: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", PORT), Service).serve_forever()
