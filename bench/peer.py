"""Other gateways beside ours, where they are installed: started, asked the same, ended."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec
from bench.process import GATEWAY_CORE, Child, NotMeasured, free_port

BUILD = Path(__file__).parents[1] / "build" / "peers"
PORTKEY = BUILD / "portkey" / "node_modules" / "@portkey-ai" / "gateway"
LITELLM = BUILD / "litellm" / "bin" / "litellm"
LITELLM_PATIENCE_S = 90.0
LOCAL_KEY = "sk-bench-local"
"""Opens nothing: LiteLLM does not start without a key."""

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  upstream up {{ server 127.0.0.1:{upstream}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port}; keepalive_requests 10000000;
    location / {{
      proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off;
    }}
  }}
}}
"""


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """One other gateway that listens now."""

    name: str
    version: str
    port: int
    model: str
    headers: tuple[tuple[str, str], ...]
    child: Child


def start(name: str, upstream: int, folder: Path) -> Peer:
    """Start a peer.

    Raises:
        NotMeasured: it is not installed, or does not start.
    """
    return STARTS[name](upstream, folder)


def _nginx(upstream: int, folder: Path) -> Peer:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found is None:
        raise NotMeasured("not installed")
    port = free_port()
    file = folder / "nginx.conf"
    file.write_text(NGINX.format(folder=folder, upstream=upstream, port=port))
    told = subprocess.run([found, "-v"], capture_output=True, text=True, check=False).stderr
    child = Child([found, "-p", str(folder), "-c", str(file)], GATEWAY_CORE, folder / "nginx.log")
    child.wait_port(port)
    version = told.strip().rpartition("/")[2]
    return Peer(name="nginx", version=version, port=port, model="w", headers=(), child=child)


def _portkey(upstream: int, folder: Path) -> Peer:
    node = shutil.which("node")
    if node is None or not PORTKEY.exists():
        raise NotMeasured("not installed")
    port = free_port()
    words = [node, str(PORTKEY / "build" / "start-server.js"), f"--port={port}", "--headless"]
    environment = {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}
    child = Child(words, GATEWAY_CORE, folder / "portkey.log", environment)
    child.wait_port(port)
    version = json.loads((PORTKEY / "package.json").read_text())["version"]
    headers = (
        ("authorization", "Bearer sk-bench"),
        ("x-portkey-provider", "openai"),
        ("x-portkey-custom-host", f"http://127.0.0.1:{upstream}/v1"),
    )
    return Peer(name="portkey", version=version, port=port, model="w", headers=headers, child=child)


def _litellm(upstream: int, folder: Path) -> Peer:
    if not LITELLM.exists():
        raise NotMeasured("not installed")
    port = free_port()
    target = {"model": "openai/w", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "x"}
    file = folder / "litellm.yaml"
    file.write_text(json.dumps({"model_list": [{"model_name": "w", "litellm_params": target}]}))
    words = [str(LITELLM), "--config", str(file), "--port", str(port), "--host", "127.0.0.1"]
    environment = {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    environment["LITELLM_MASTER_KEY"] = LOCAL_KEY
    child = Child([*words, "--num_workers", "1"], GATEWAY_CORE, folder / "litellm.log", environment)
    child.wait_port(port, LITELLM_PATIENCE_S)
    return Peer(
        name="litellm",
        version=_litellm_version(),
        port=port,
        model="w",
        headers=(("authorization", f"Bearer {LOCAL_KEY}"),),
        child=child,
    )


def _litellm_version() -> str:
    found = sorted((BUILD / "litellm").glob("lib/*/site-packages/litellm-*.dist-info"))
    return found[-1].name.removeprefix("litellm-").removesuffix(".dist-info") if found else "?"


STARTS: dict[str, Callable[[int, Path], Peer]] = {
    "nginx": _nginx,
    "portkey": _portkey,
    "litellm": _litellm,
}
"""Every peer, fastest first."""
