"""Runs the public suite jupyter_kernel_test against one kernel, and prints how each of its tests ended, as JSON.

    kernel_suite.py --stock                                  a local ipykernel, as jupyter_client starts it
    kernel_suite.py --connection-file FILE                   a kernel with ZMQ ports
    kernel_suite.py --channels URL --token T [--legacy]      a kernel behind a WebSocket, through websocket_client.py

Only the samples are given here: what each of the suite's tests is to run. The suite gives up on a message after 0.1 s,
which a busy machine may take; a test that ends so is run again. The last line is {"test": "ok" or what went wrong}.
"""

import argparse
import json
import sys
import unittest

import jupyter_kernel_test
from jupyter_client import BlockingKernelClient

from websocket_client import WebSocketKernelClient

READY_SECONDS = 30
ROUNDS = 10


class Suite(jupyter_kernel_test.KernelTests):
    kernel_name = "python3"
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = [{"text": "zi", "matches": ["zip"]}, {"text": "pri", "matches": ["print"]}]
    complete_code_samples = ["1", "print('hello, world')", "def f(x):\n  return x*2\n\n\n"]
    incomplete_code_samples = ["print('''hello", "def f(x):\n  x*2", "for i in range(3):"]
    invalid_code_samples = ["import = 7q", "a b c"]
    code_page_something = "zip?"
    code_generate_error = "raise"
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": "[n*n for n in range(1, 4)]", "result": "[1, 4, 9]"},
        {"code": "'ü𝐚'", "result": "'ü𝐚'"},
    ]
    code_display_data = [
        {"code": "from IPython.display import HTML, display; display(HTML('<b>test</b>'))", "mime": "text/html"},
        {"code": "from IPython.display import Math, display; display(Math('\\\\frac{1}{2}'))", "mime": "text/latex"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "zip"
    code_clear_output = "from IPython.display import clear_output; clear_output()"


def with_client(make):
    """The suite with a client that is there already in place of a kernel of its own."""

    class Connected(Suite):
        @classmethod
        def setUpClass(cls):
            cls.kc = make()
            cls.kc.start_channels()
            cls.kc.wait_for_ready(timeout=READY_SECONDS)

        @classmethod
        def tearDownClass(cls):
            cls.kc.stop_channels()

    return Connected


def by_connection_file(path):
    client = BlockingKernelClient()
    client.load_connection_file(path)
    return client


def main():
    parser = argparse.ArgumentParser()
    kernel = parser.add_mutually_exclusive_group(required=True)
    kernel.add_argument("--stock", action="store_true")
    kernel.add_argument("--connection-file")
    kernel.add_argument("--channels")
    parser.add_argument("--token")
    parser.add_argument("--legacy", action="store_true")
    options = parser.parse_args()

    suite = Suite
    if options.connection_file:
        suite = with_client(lambda: by_connection_file(options.connection_file))
    elif options.channels:
        suite = with_client(lambda: WebSocketKernelClient(options.channels, options.token, options.legacy))

    tests = unittest.defaultTestLoader.loadTestsFromTestCase(suite)
    ended = {name_of(test): "it did not run to its end" for test in tests}
    for _ in range(ROUNDS):
        result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2, resultclass=Results).run(tests)
        ended.update({name_of(test): "ok" for test in result.passed})
        for test, story in [*result.failures, *result.errors, *result.skipped]:
            ended[name_of(getattr(test, "test_case", test))] = story
        late = [name for name, story in ended.items() if story.rstrip().endswith("Empty")]
        if not late:
            break
        tests = unittest.defaultTestLoader.loadTestsFromNames(late, suite)
    print(json.dumps(ended))


class Results(unittest.TextTestResult):
    """Remembers what passed, too."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed.append(test)


def name_of(test):
    return test.id().rsplit(".", 1)[-1]


if __name__ == "__main__":
    main()
