"""The AWS of a lab is moto: boto3 works against it, and every start begins empty."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading

import boto3
import pytest

from aifactory_iac.lab.aws import server


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    """Starts the part in this process; gives its answer, and ends it."""
    ended = []

    def starting(**spec):
        monkeypatch.setenv("MOTO_ACCOUNT_ID", "")
        stop, ready = threading.Event(), threading.Event()

        class Telling(io.StringIO):
            def flush(self):
                ready.set()

        output = Telling()
        beside = threading.Thread(target=server.serve, args=(spec, output, stop))
        beside.start()
        ended.append((stop, beside))
        assert ready.wait(20)
        return json.loads(output.getvalue())

    yield starting
    for stop, beside in ended:
        stop.set()
        beside.join()


def client(answer: dict, service: str):
    cloud = answer["aws"]
    return boto3.client(
        service, endpoint_url=cloud["endpoint"], region_name=cloud["region"],
        aws_access_key_id="lab", aws_secret_access_key="lab",
    )  # fmt: skip


def test_it_says_what_it_is_and_keeps_what_it_is_told(cloud):
    answer = cloud(region="eu-central-1")
    assert answer["ready"] is True
    assert answer["version"].startswith("moto 5.")
    assert answer["aws"]["region"] == "eu-central-1"
    assert answer["aws"]["endpoint"].startswith("http://127.0.0.1:")
    buckets = client(answer, "s3")
    buckets.create_bucket(
        Bucket="registry", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    buckets.put_object(Bucket="registry", Key="model", Body=b"weights")
    assert buckets.get_object(Bucket="registry", Key="model")["Body"].read() == b"weights"
    vpc = client(answer, "ec2").create_vpc(CidrBlock="10.64.0.0/16")["Vpc"]
    assert vpc["CidrBlock"] == "10.64.0.0/16"


def part(tmp_path, spec: dict) -> tuple[subprocess.Popen, dict]:
    """The part as the supervisor starts it, and its answer."""
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(spec))
    process = subprocess.Popen(
        [sys.executable, "-m", "aifactory_iac.lab.aws", str(file)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    return process, json.loads(process.stdout.readline())


def test_a_new_one_knows_nothing_of_the_last_and_has_the_account_asked_for(tmp_path):
    for _ in range(2):
        process, answer = part(tmp_path, {"region": "us-east-1", "account": "111122223333"})
        try:
            assert answer["aws"]["account"] == "111122223333"
            assert client(answer, "sts").get_caller_identity()["Account"] == "111122223333"
            buckets = client(answer, "s3")
            assert buckets.list_buckets()["Buckets"] == []
            buckets.create_bucket(Bucket="left-over")
        finally:
            process.stdin.close()
            assert process.wait(timeout=10) == 0
            process.stdout.close()


def test_it_ends_at_once_when_nobody_is_there_any_more(tmp_path, monkeypatch, capsys):
    file = tmp_path / "spec.json"
    file.write_text('{"region": "us-east-1"}')
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setenv("MOTO_ACCOUNT_ID", "")
    assert server.main([str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["ready"] is True


def test_it_ends_when_it_is_told_to(tmp_path):
    process, _ = part(tmp_path, {"region": "us-east-1"})
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    process.stdin.close()
    process.stdout.close()
