"""Programs that are measured are waited for, counted with all their processes, and gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.processes import Server, StartError, free_port, memory, run, tree

ANSWERING = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def test_a_server_is_waited_for_and_leaves_no_process_behind(tmp_path: Path) -> None:
    port, before = free_port(), set(tree(os.getpid()))
    with Server([sys.executable, "-c", ANSWERING, str(port)], port, "/", b"{}", tmp_path) as server:
        assert server.start_seconds > 0
        assert server.post(b"[1]") == (200, b"[1]")
        assert server.memory.processes == 2
        assert 0 < server.memory.pss <= server.memory.rss
    assert set(tree(os.getpid())) <= before


def test_a_server_that_ends_at_once_is_told_with_what_it_said(tmp_path: Path) -> None:
    port = free_port()
    with (
        pytest.raises(StartError, match="no such model"),
        Server([sys.executable, "-c", "import sys; sys.exit('no such model')"], port, "/", b"{}", tmp_path),
    ):
        pass


def test_the_most_memory_of_a_program_is_that_of_all_its_processes() -> None:
    taking = "import time; kept = bytearray(100 * 2**20); time.sleep(0.5); print('done')"
    forking = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {taking!r}])"
    done = run([sys.executable, "-c", forking], sample_seconds=0.02)
    assert done.output == "done\n"
    assert done.peak.processes == 2
    assert done.peak.pss > 100
    assert done.seconds > 0.5


def test_a_program_that_fails_is_an_error_and_a_process_that_is_gone_takes_nothing() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        run([sys.executable, "-c", "import sys; sys.exit(3)"])
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert memory(ended.pid).processes == 0
