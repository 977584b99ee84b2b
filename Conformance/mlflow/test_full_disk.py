"""A full disk: what is asked to be stored is refused, and all else goes on (Martlet only)."""

import pytest

from disks import fill
from test_doctor import doctor

pytestmark = pytest.mark.martlet_only


def assert_clear_about_space(refused):
    assert refused is not None, "everything was taken"
    assert refused.status in (503, 507), refused.body[:500]
    assert refused.error_code
    assert refused.message


def test_a_full_disk_refuses_uploads_keeps_reading_and_recovers(start_martlet, small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(16 << 20))
    server = start_martlet(data=small_disk / "data")
    run = server.new_run()
    root = f"0/{run}/artifacts"
    kept, refused = [], None
    for number in range(20):
        reply = server.put_artifact(f"{root}/{number}.bin", bytes([number]) * (4 << 20))
        if reply.status != 200:
            refused = reply
            break
        kept.append(number)
    assert_clear_about_space(refused)
    assert kept
    for number in kept:
        assert server.get_artifact(f"{root}/{number}.bin").expect().body == bytes([number]) * (4 << 20)
    listed = server.get("artifacts/list", run_id=run).expect().json["files"]
    assert {file["path"] for file in listed} == {f"{number}.bin" for number in kept}
    ballast.unlink()
    server.put_artifact(f"{root}/after.bin", b"z" * (4 << 20)).expect()
    server.post("runs/log-metric", {"run_id": run, "key": "m", "value": 1, "timestamp": 1}).expect()


@pytest.mark.sqlite_only
def test_a_full_disk_refuses_metadata_keeps_reading_and_recovers(start_martlet, small_disk):
    server = start_martlet(data=small_disk / "data")
    run = server.new_run()
    ballast = small_disk / "ballast"
    fill(ballast)
    stored, refused = [], None
    for step in range(3000):
        point = {"run_id": run, "key": "m", "value": step, "timestamp": step, "step": step}
        tags = [{"key": f"t{step}", "value": "x" * 5000}]
        reply = server.post("runs/log-batch", {"run_id": run, "metrics": [point], "tags": tags})
        if reply.status != 200:
            refused = reply
            break
        stored.append(step)
    assert_clear_about_space(refused)
    history = server.get("metrics/get-history", run_id=run, metric_key="m").expect().json.get("metrics", [])
    assert [metric["step"] for metric in history] == stored
    ballast.unlink()
    server.new_run()
    server.post("runs/log-metric", {"run_id": run, "key": "after", "value": 1, "timestamp": 1}).expect()
    assert server.terminate() == 0
    code, said = doctor(server.data, server.environment())
    assert code == 0, said
