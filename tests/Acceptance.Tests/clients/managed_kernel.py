"""A program that manages a kernel as stock programs do: jupyter_client's KernelManager and its client.

    managed_kernel.py KERNELSPEC

It does what the lines on its standard input say, each a JSON list of a name and arguments, and answers each with a JSON
line: ["ok", result] or ["error", text].
"""

import json
import sys
import threading

from jupyter_client import KernelManager

LIMIT_SECONDS = 40


class Session:
    def __init__(self, kernelspec):
        self.manager = KernelManager(kernel_name=kernelspec)
        self.client = None

    def start(self):
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=LIMIT_SECONDS)
        return self.connection()

    def connection(self):
        return {name: str(value) for name, value in self.manager.get_connection_info().items()}

    def kernel_id(self):
        return self.manager.provisioner.kernel_id

    def run(self, code):
        printed = []
        reply = self.client.execute_interactive(
            code, timeout=LIMIT_SECONDS, output_hook=lambda m: printed.append(m["content"].get("text", "") or m["content"].get("ename", ""))
        )
        return [reply["content"]["status"], "".join(printed)]

    def run_and_interrupt(self, code):
        """Interrupts the code when it has printed something."""
        interrupted = threading.Event()
        outputs = []

        def hook(message):
            if message["msg_type"] == "stream" and not interrupted.is_set():
                interrupted.set()
                self.manager.interrupt_kernel()
            elif message["msg_type"] == "error":
                outputs.append(message["content"]["ename"])

        self.client.execute_interactive(code, timeout=LIMIT_SECONDS, output_hook=hook)
        return outputs

    def restart(self, now):
        self.manager.restart_kernel(now=now)
        self.client.wait_for_ready(timeout=LIMIT_SECONDS)
        return self.connection()

    def is_alive(self):
        return self.manager.is_alive()

    def shut_down(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()
        return self.manager.is_alive()


def main():
    session = Session(sys.argv[1])
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = ["ok", getattr(session, name)(*arguments)]
        except Exception as e:  # told to the test, which judges it
            answer = ["error", f"{type(e).__name__}: {e}"]
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
