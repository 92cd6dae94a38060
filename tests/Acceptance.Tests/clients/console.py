"""Drives the stock `jupyter console` in a terminal of its own, as a person would; prints each step that it saw.

    console.py CONNECTION_FILE INTERRUPT_URL TOKEN

It interrupts with a request of its own: the stock console says of a kernel that it did not start that it cannot.
Exit code 0 when every step went as it should; else what the terminal showed.
"""

import sys
import urllib.request

import pexpect

SECONDS = 60
PROMPT = r"In \[(\d+)\]: "


def main():
    console = pexpect.spawn(
        sys.executable, ["-m", "jupyter_console", "--existing", sys.argv[1], "--simple-prompt"],
        encoding="utf-8", timeout=SECONDS, echo=False, dimensions=(50, 200),
    )
    try:
        steps(console)
    except (pexpect.TIMEOUT, pexpect.EOF, AssertionError) as problem:
        print(f"{type(problem).__name__}: {problem}\nthe terminal showed\n{console.before}", file=sys.stderr)
        return 1
    return 0


def interrupt():
    request = urllib.request.Request(sys.argv[2], method="POST", headers={"Authorization": f"token {sys.argv[3]}"})
    urllib.request.urlopen(request, timeout=SECONDS).close()


def steps(console):
    def cell(code, *shows):
        """Types a line; each of these appears, then the next prompt."""
        console.sendline(code)
        for text in shows:
            console.expect_exact(text)

    def prompt():
        console.expect(PROMPT)
        return int(console.match.group(1))

    console.expect_exact("Jupyter console")
    first = prompt()
    cell("print('said', 6 * 7)", "said 42")
    assert prompt() == first + 1, "the prompt counts the cell"
    print("a cell ran")

    cell("6 * 8", f"Out[{first + 1}]: 48")
    prompt()
    print("its result was shown")

    cell("1 / 0", "ZeroDivisionError", "division by zero")
    prompt()
    print("an error was shown")

    cell("name = input('who? ')", "who? ")
    cell("bob")
    prompt()
    cell("print('hello', name)", "hello bob")
    prompt()
    print("input was asked for and taken")

    cell("import time; print('sleeps'); time.sleep(600)", "sleeps")
    interrupt()
    console.expect_exact("KeyboardInterrupt")
    prompt()
    print("it was interrupted")

    cell("name + '!'", "'bob!'")
    prompt()
    console.sendline("exit")
    console.expect(pexpect.EOF)
    print("it ended")


if __name__ == "__main__":
    sys.exit(main())
