"""Runs a real S3 server for tests, on free ports of 127.0.0.1 and in a temporary folder, until its input ends.

    s3_server.py seaweedfs|seaweedfs-tls|juicefs

Prints one line of JSON when the server is ready: its endpoint, bucket and who may use it. Ending with the input means
that the server ends with whoever started it, however that ends. Until then the line "kill" ends the server as a crash
would, "start" starts it again; both are answered with "done".
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BUCKET = "martlet"
ACCESS_KEY = "AKMARTLETTEST"
SECRET_KEY = "SKMARTLETTEST1234567890"
# May read and list, and no more.
READER = ("AKMARTLETREADER", "SKMARTLETREADER1234567890")
# Below this prefix nobody may delete; SeaweedFS only.
UNREMOVABLE = "unremovable"
START_SECONDS = 60


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def program(name: str) -> str:
    """A program of the environment that this one was started from."""
    return str(Path(sys.executable).with_name(name))


def identity(name: str, access_key: str, secret_key: str, actions: list[str]) -> dict:
    return {
        "name": name,
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": actions,
    }


def seaweedfs(folder: Path) -> tuple[list[str], dict, dict]:
    """The command that serves, its environment, and where it is: as an object store, and as plain files."""
    identities = [
        identity("martlet", ACCESS_KEY, SECRET_KEY, ["Admin", "Read", "Write", "List", "Tagging"]),
        identity("reader", *READER, ["Read", "List"]),
    ]
    config = folder / "identities.json"
    config.write_text(json.dumps({"identities": identities}))
    (folder / "data").mkdir()
    names = ["s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port", "volume.port.grpc"]
    names += ["filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc"]
    ports = free_ports(len(names))
    command = [program("weed"), "mini", f"-dir={folder}/data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += [f"-{name}={port}" for name, port in zip(names, ports, strict=True)]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-admin.ui=false", "-webdav=false", f"-s3.config={config}"]
    command += ["-s3.autoCreateBucket=false"]
    files = f"http://127.0.0.1:{ports[names.index('filer.port')]}/buckets/{BUCKET}/"
    return command, {}, {"endpoint": f"http://127.0.0.1:{ports[0]}", "files": files}


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def certificate(folder: Path) -> tuple[Path, Path, Path]:
    """An authority that nobody knows, and what it says of this host: its certificate, and the host's with its key."""
    key_kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    authority, authority_key = folder / "authority.pem", folder / "authority.key"
    host, key, request, names = (folder / f"host.{ending}" for ending in ("pem", "key", "csr", "names"))
    openssl("req", "-x509", *key_kind, "-keyout", authority_key, "-out", authority, "-days", "2", "-subj", "/CN=tests")
    openssl("req", *key_kind, "-keyout", key, "-out", request, "-subj", "/CN=localhost")
    names.write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial",
            "-out", host, "-days", "2", "-extfile", names)  # fmt: skip
    return authority, host, key


def seaweedfs_with_tls(folder: Path) -> tuple[list[str], dict, dict]:
    """The same over TLS, and the authority that its certificate is from."""
    command, environment, place = seaweedfs(folder)
    authority, host, key = certificate(folder)
    command += [f"-s3.cert.file={host}", f"-s3.key.file={key}"]
    endpoint = place["endpoint"].replace("http://127.0.0.1:", "https://localhost:")
    return command, environment, {**place, "endpoint": endpoint, "authority": str(authority)}


def juicefs(folder: Path) -> tuple[list[str], dict, dict]:
    """The command that serves, its environment, and where it is."""
    (folder / "data").mkdir()
    meta = f"sqlite3://{folder}/meta.db"
    subprocess.run(
        [program("juicefs"), "format", "--storage", "file", "--bucket", f"{folder}/data/", "--trash-days", "0", meta,
         "tests"],
        check=True, capture_output=True, cwd=folder,
    )  # fmt: skip
    port = free_ports(1)[0]
    command = [program("juicefs"), "gateway", "--multi-buckets", "--keep-etag", "--object-meta", "--no-usage-report"]
    command += ["--cache-dir", f"{folder}/cache", "--log", f"{folder}/gateway.log", meta, f"127.0.0.1:{port}"]
    return command, {"MINIO_ROOT_USER": ACCESS_KEY, "MINIO_ROOT_PASSWORD": SECRET_KEY}, {
        "endpoint": f"http://127.0.0.1:{port}"
    }


def forbid_removal(client) -> None:
    """Lets nobody delete anything below a prefix."""
    resource = f"arn:aws:s3:::{BUCKET}/{UNREMOVABLE}/*"
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": resource}
    client.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def wait_for_bucket(place: dict, process: subprocess.Popen) -> None:
    """Makes the bucket as soon as the server lets us."""
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=2, read_timeout=10)
    client = boto3.client(
        "s3", endpoint_url=place["endpoint"], region_name="us-east-1", aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY, config=config, verify=place.get("authority"),
    )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while True:
        if process.poll() is not None:
            raise SystemExit(f"the S3 server ended with {process.returncode}")
        try:
            if BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
                client.create_bucket(Bucket=BUCKET)
            # Some servers answer before they can store.
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"ready")
            client.delete_object(Bucket=BUCKET, Key="ready")
            if "files" in place:
                forbid_removal(client)
            return
        except (BotoCoreError, ClientError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def start(command: list[str], environment: dict, folder: Path) -> subprocess.Popen:
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            command, env={**os.environ, **environment}, cwd=folder,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip


KINDS = {"seaweedfs": seaweedfs, "seaweedfs-tls": seaweedfs_with_tls, "juicefs": juicefs}


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="martlet-s3-"))
    process = None
    try:
        command, environment, place = KINDS[sys.argv[1]](folder)
        facts = {
            **place, "bucket": BUCKET, "accessKey": ACCESS_KEY, "secretKey": SECRET_KEY,
            "readerAccessKey": READER[0], "readerSecretKey": READER[1],
        }  # fmt: skip
        process = start(command, environment, folder)
        wait_for_bucket(place, process)
        print(json.dumps(facts), flush=True)
        for line in sys.stdin:
            if line.strip() == "kill":
                process.kill()
                process.wait()
            else:
                process = start(command, environment, folder)
                wait_for_bucket(place, process)
            print("done", flush=True)
    except BaseException:
        log = folder / "server.log"
        if log.exists():
            sys.stderr.write(log.read_text(errors="replace")[-4000:])
        raise
    finally:
        if process is not None:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    # So that the folder is removed as well when somebody ends us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
