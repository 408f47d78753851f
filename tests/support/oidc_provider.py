"""A certified OpenID Connect provider of its own, as a process: npm's `oidc-provider`, installed from a lock."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.local.process import ManagedProcess, free_port

SOURCE = Path(__file__).parent / "oidc"
INSTALLED = Path(__file__).parents[2] / "var" / "oidc"
MISSING = "npm is not on PATH: apt-get install npm (Debian) or brew install node (macOS)"


@dataclass
class OidcProvider:
    """The provider on `localhost`: for a browser another site than the apps on `127.0.0.1`."""

    process: ManagedProcess
    issuer: str
    client_id: str
    client_secret: str

    @property
    def settings(self) -> dict[str, str]:
        """Of an app that signs people in here, and by no directory."""
        return {
            "XN_OIDC_ISSUER": self.issuer,
            "XN_OIDC_CLIENT_ID": self.client_id,
            "XN_OIDC_CLIENT_SECRET": self.client_secret,
            "XN_DIRECTORY_FILE": "",
        }

    def start(self) -> None:
        """It answers."""
        self.process.start()
        with httpx.Client(trust_env=False) as client:
            self.process.wait_until(lambda: _answers(client, self.issuer), timeout=30)


def install() -> None:
    """Install the locked packages, if they are not there. Raises `FileNotFoundError`, `CalledProcessError`."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        raise FileNotFoundError(MISSING)
    INSTALLED.mkdir(parents=True, exist_ok=True)
    done = INSTALLED / "installed"
    lock = (SOURCE / "package-lock.json").read_text()
    for name in ("package.json", "package-lock.json", "provider.mjs"):
        shutil.copy(SOURCE / name, INSTALLED)
    if not done.exists() or done.read_text() != lock:
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=INSTALLED, check=True, timeout=120)
        done.write_text(lock)


@contextmanager
def running_provider(app_url: str, log: Path, *, in_id_token: bool = False) -> Iterator[OidcProvider]:
    """A provider that knows the app at this address. `in_id_token`: claims are there instead of at its userinfo."""
    install()
    port = free_port()
    client = {
        "client_id": "desk",
        "client_secret": "a secret of the tests",
        "redirect_uris": [f"{app_url}/sign-in/back"],
        "post_logout_redirect_uris": [f"{app_url}/"],
    }
    given = json.dumps({"port": port, "client": client, "in_id_token": in_id_token})
    process = ManagedProcess(["node", str(INSTALLED / "provider.mjs"), given], log_path=log, directory=INSTALLED)
    provider = OidcProvider(process, f"http://localhost:{port}", client["client_id"], client["client_secret"])  # type: ignore[arg-type]
    try:
        provider.start()
        yield provider
    finally:
        process.stop()


def _answers(client: httpx.Client, issuer: str) -> bool:
    try:
        return client.get(f"{issuer}/.well-known/openid-configuration").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
