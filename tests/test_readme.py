"""The README's example, run as it is printed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import free_port, wait_for_nothing

README = Path(__file__).parent.parent / "README.md"


def test_the_example_runs_as_printed(place: Path) -> None:
    """Every command of the example succeeds over the seeds, and shows what was recorded, voided, or would be."""
    [script] = re.findall(r"## One example.*?```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    home, port = place / "home", free_port()
    command = [str(Path(sys.executable).with_name("mengfu")), "up", "--home", str(home), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as service:
        try:
            assert service.stdout is not None
            for line in service.stdout:
                if line.startswith("The administrator's key"):
                    break
            else:
                pytest.fail("mengfu up did not start")
            script = script.replace("127.0.0.1:8000", f"127.0.0.1:{port}").replace(".mengfu/key", str(home / "key"))
            environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                capture_output=True,
                text=True,
                check=False,
                env=environment,
                timeout=60,
            )
            assert ran.returncode == 0, ran.stderr + ran.stdout
        finally:
            service.terminate()
    wait_for_nothing(home)
    found = ran.stdout
    assert "战略合作框架协议" in found
    assert "李希信" in found
    lines = [json.loads(line) for line in re.findall(r'\{"specversion".*', found)]
    assert [line["type"] for line in lines] == ["agreement.clause_recorded", "agreement.voided"]
    assert lines[1]["corrects"] == lines[0]["sequence"]
    [planned] = [json.loads(line) for line in re.findall(r'\{"dry_run".*', found)]
    assert [[event["type"] for event in one["events"]] for one in planned["results"]] == [
        ["agreement.registered", "agreement.linked"],
        ["agreement.clause_added"],
    ]
