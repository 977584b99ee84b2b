"""What a supervisor under test runs for a version: PORT MODEL VERSION. How it behaves is in the name."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

port, model, version = int(sys.argv[1]), sys.argv[2], sys.argv[3]
print(f"serving {model}/{version}", flush=True)


def end(*_):
    print("told to end", flush=True)
    sys.exit()


signal.signal(signal.SIGTERM, end)
if model.startswith("flooding"):
    for _ in range(12):
        print("x" * (1 << 20), flush=True)
    if model.startswith("flooding-and-crashing"):
        sys.exit("out of words")
    time.sleep(1_000)
if model.startswith("titled") and "SPT_NOENV" not in os.environ:
    # As Python's setproctitle does: titles may be long, so they get the environment's place as well.
    fields = Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
    start, end_ = int(fields[47]), int(fields[48])
    ctypes.memset(start, 0, end_ - start)
if model.startswith("crashing"):
    sys.exit("out of luck")
if model.startswith("stuck"):
    time.sleep(1_000)
if model.startswith("orphaning"):
    subprocess.run(["sh", "-c", "sleep 1 &"], check=True)
if model.startswith("slow"):
    time.sleep(2)


# With one worker, as `mlflow models serve` has it, who works on a request answers nothing else.
is_alone = model.startswith("lonely")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0" if is_alone else "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/count":
            self.count(int(body))
        else:
            time.sleep(float(body) if self.path == "/wait" else 0)
            self.answer({"version": int(version), "process": os.getpid()})

    def do_GET(self):
        self.answer({"nice": os.nice(0), "environment": dict(os.environ), "folder": os.getcwd()})

    def count(self, end):
        """Ten numbers a second, as they come."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for number in range(end):
            self.wfile.write(f"data: {number}\n\n".encode())
            time.sleep(0.1)

    def answer(self, message):
        data = json.dumps(message).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


server = HTTPServer if is_alone else ThreadingHTTPServer
server(("127.0.0.1", port), Handler).serve_forever()
