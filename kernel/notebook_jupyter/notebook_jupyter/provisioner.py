"""A kernel provisioner: kernels that a Jupyter of one's own manages, and that run on the platform.

jupyter_client thinks in processes: it signals one, waits for its end and starts another. Here the gateway is asked instead.

- A kernel is dead when the gateway says that it is, never when the gateway does not answer: jupyter_client would start a
  new one, and the variables of the old one would be lost to the user.
- ``kill`` and ``terminate`` do not say whether a restart follows (jupyter_client leaves it out on some of its ways), so the
  kernel is ended when ``cleanup`` says that none does. A restart is the platform's own: id, ports and key stay, so that the
  clients that are connected stay connected.
"""

import asyncio
import functools
import getpass
import os
import signal
from typing import Any, Dict, List, Optional

from jupyter_client.provisioning import KernelProvisionerBase
from traitlets import Unicode

from .address import Address, PlatformError, of_data_directory, of_url
from .rest import Gateway, Unavailable, is_loopback, said

START_SECONDS = 30.0
RESTART_SECONDS = 90.0
END_SECONDS = 5.0
POLL_SECONDS = 5.0
PORTS = ("shell_port", "iopub_port", "stdin_port", "control_port", "hb_port")


class PlatformProvisioner(KernelProvisionerBase):
    """Starts, watches and ends one kernel on the platform."""

    data_directory = Unicode("", help="The platform's data directory on this machine; says where its gateway is.").tag(config=True)
    url = Unicode("", help="The gateway, in place of a data directory.").tag(config=True)
    token_file = Unicode("", help="The file with the token for url.").tag(config=True)
    platform_kernel = Unicode("python3", help="The platform's kernelspec.").tag(config=True)

    _kernel: Optional[str] = None  # its id on the platform, as long as it is ours
    _exit_code: Optional[int] = None  # set when it is over for jupyter_client, though it may be restarted

    @property
    def has_process(self) -> bool:
        return self._kernel is not None

    async def pre_launch(self, **kwargs: Any) -> Dict[str, Any]:
        kwargs.pop("extra_arguments", None)
        return await super().pre_launch(cmd=list(self.kernel_spec.argv), **kwargs)

    async def launch_kernel(self, cmd: List[str], **kwargs: Any) -> Dict[str, Any]:
        replaced = self._kernel is not None
        restarted = replaced and await self._off_loop(self._restart)
        if not restarted:
            self._kernel = await self._off_loop(self._start, kwargs.get("env") or {}, kwargs.get("cwd"))
        self._exit_code = None
        try:
            self.connection_info = await self._off_loop(self._connect, self.connection_info if replaced and not restarted else None)
        except BaseException:
            if not restarted:
                await self._end()
            raise
        return self.connection_info

    async def poll(self) -> Optional[int]:
        if self._kernel is None:
            return 0 if self._exit_code is None else self._exit_code
        if self._exit_code is None:
            self._exit_code = await self._off_loop(self._look)
        return self._exit_code

    async def wait(self) -> Optional[int]:
        while (code := await self.poll()) is None:
            await asyncio.sleep(0.5)
        return code

    async def send_signal(self, signum: int) -> None:
        if signum == signal.SIGINT:
            await self._off_loop(self._interrupt)
        elif signum in (signal.SIGTERM, getattr(signal, "SIGKILL", signal.SIGTERM)):
            await self.kill()
        elif signum != 0:
            self.log.warning("Kernel %s is on the notebook platform: signal %s cannot be sent there", self._kernel, signum)

    async def kill(self, restart: bool = False) -> None:
        self._exit_code = -9

    async def terminate(self, restart: bool = False) -> None:
        self._exit_code = -15

    async def shutdown_requested(self, restart: bool = False) -> None:
        # The kernel has been sent a shutdown_request. There is no process to wait for.
        self._exit_code = 0

    async def cleanup(self, restart: bool = False) -> None:
        if not restart:
            await self._end()

    async def get_provisioner_info(self) -> Dict[str, Any]:
        info = await super().get_provisioner_info()
        info["platform_kernel_id"] = self._kernel
        return info

    async def load_provisioner_info(self, provisioner_info: Dict[str, Any]) -> None:
        await super().load_provisioner_info(provisioner_info)
        self._kernel = provisioner_info["platform_kernel_id"]
        self._exit_code = None

    def _find(self) -> Address:
        if self.url:
            return of_url(self.url, self.token_file)
        if self.data_directory:
            return of_data_directory(self.data_directory)
        raise PlatformError("this kernelspec does not say where the notebook platform is: './notebook install-kernelspec' makes one that does")

    @functools.cached_property
    def _gateway(self) -> Gateway:
        return Gateway(self._find)

    def _start(self, env: Dict[str, str], cwd: Any) -> str:
        kernel_env = {name: value for name, value in env.items() if name.startswith("KERNEL_") or name in self.kernel_spec.env}
        kernel_env.setdefault("KERNEL_USERNAME", _user())
        kernel_env["KERNEL_WORKING_DIR"] = os.path.abspath(os.fspath(cwd) if cwd else os.getcwd())
        if "JPY_SESSION_NAME" in env:
            kernel_env["JPY_SESSION_NAME"] = env["JPY_SESSION_NAME"]
        # With an id of our choice a call whose answer was lost can be repeated. An id that was used is not used again.
        kernel_env.pop("KERNEL_ID", None)
        body = {"name": self.platform_kernel, "env": kernel_env}
        if self._exit_code is None and self.kernel_id:
            body["kernel_id"] = self.kernel_id
        status, answer = self._gateway.call_within(START_SECONDS if "kernel_id" in body else 0, "POST", "api/kernels", body)
        if status != 201:
            raise PlatformError(f"the notebook platform did not start a kernel '{self.platform_kernel}': {said(answer)}")
        return answer["id"]

    def _restart(self) -> bool:
        """False when the kernel is no more, so that a new one has to be started."""
        status, answer = self._gateway.call_within(START_SECONDS, "POST", f"api/kernels/{self._kernel}/restart", {}, timeout=RESTART_SECONDS)
        if status not in (200, 404):
            raise PlatformError(f"the notebook platform did not restart the kernel {self._kernel}: {said(answer)}")
        return status == 200

    def _connect(self, former: Optional[Dict[str, Any]]) -> Dict[str, Any]:
        # Who is connected stays so when a new kernel gets the ports of the old one; where it cannot have them, it gets others.
        asked = {**former, "key": former["key"].decode()} if former else None
        path = f"api/kernels/{self._kernel}/connect"
        status, answer = self._gateway.call_within(START_SECONDS, "POST", path, asked)
        if asked and status != 200:
            self.log.warning("Kernel %s gets other ports than the one before it: %s", self._kernel, said(answer))
            status, answer = self._gateway.call_within(START_SECONDS, "POST", path)
        if status != 200:
            raise PlatformError(f"the notebook platform did not open the ports of kernel {self._kernel}: {said(answer)}")
        if is_loopback(answer["ip"]) and not self._gateway.is_local():
            raise PlatformError(
                f"the gateway opens kernels' ports at {answer['ip']} of its own machine, which cannot be reached from here: "
                "have it started with --zmq-address, or use it by 'jupyter server --gateway-url'"
            )
        return {
            "transport": answer["transport"],
            "ip": answer["ip"],
            **{port: answer[port] for port in PORTS},
            "key": answer["key"].encode(),
            "signature_scheme": answer["signature_scheme"],
        }

    def _look(self) -> Optional[int]:
        try:
            status, answer = self._gateway.call("GET", f"api/kernels/{self._kernel}", timeout=POLL_SECONDS)
        except PlatformError as e:
            self.log.debug("Kernel %s is taken to be alive: %s", self._kernel, e)
            return None
        dead = status == 404 or (status == 200 and answer.get("execution_state") == "dead")
        return 1 if dead else None

    def _interrupt(self) -> None:
        ending = getattr(self.parent, "shutting_down", False)  # it is interrupted first, and may be gone
        try:
            status, answer = self._gateway.call("POST", f"api/kernels/{self._kernel}/interrupt", {})
        except Unavailable:
            if ending:
                return
            raise
        if status != 204 and not ending:
            raise PlatformError(f"the notebook platform did not interrupt the kernel {self._kernel}: {said(answer)}")

    async def _end(self) -> None:
        kernel, self._kernel = self._kernel, None
        if self._exit_code is None:
            self._exit_code = 0
        if kernel is None:
            return
        try:
            await self._off_loop(self._gateway.call_within, END_SECONDS, "DELETE", f"api/kernels/{kernel}")
        except PlatformError as e:
            self.log.warning("Kernel %s may still run on the notebook platform: %s", kernel, e)

    @staticmethod
    async def _off_loop(call: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(None, functools.partial(call, *arguments))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "default"
