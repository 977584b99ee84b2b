"""What a supervisor under test runs for a version: PORT MODEL VERSION. How it behaves is in the name."""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, model, version = int(sys.argv[1]), sys.argv[2], sys.argv[3]
print(f"serving {model}/{version}", flush=True)
if model.startswith("crashing"):
    sys.exit("out of luck")
if model.startswith("stuck"):
    time.sleep(1_000)
if model.startswith("slow"):
    time.sleep(2)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/wait":
            time.sleep(float(body))
        self.answer({"version": int(version), "process": os.getpid()})

    def do_GET(self):
        self.answer({"nice": os.nice(0), "environment": dict(os.environ), "folder": os.getcwd()})

    def answer(self, message):
        data = json.dumps(message).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
