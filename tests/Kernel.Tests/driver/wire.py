"""State between kernel processes, over their sockets: each case has processes of its own.

    wire.py [TEXT]                runs the cases with the text in their names; prints each one's outcome as a line of JSON
"""

import hashlib
import importlib.util
import itertools
import json
import os
import signal
import sys
import time
import traceback

from kernels import Kernel, Zygote


class Case:
    """What a case checks with."""

    def __init__(self, zygote):
        self.zygote = zygote
        self.problems = []

    def kernel(self, origin="a", **options):
        return Kernel(self.zygote, origin, **options)

    def same(self, what, expected, found):
        if expected != found:
            self.problems.append(f"{what}: expected {expected!r}, found {found!r}")

    def holds(self, what, truth):
        self.same(what, True, bool(truth))

    def objects(self):
        folder = os.path.join(self.zygote.folder, f"objects{len(os.listdir(self.zygote.folder))}", "chunks")
        os.makedirs(folder)
        return folder


def store(objects, content):
    name = hashlib.sha256(content).hexdigest()
    os.makedirs(os.path.join(objects, name[:2]), exist_ok=True)
    with open(os.path.join(objects, name[:2], name), "wb") as out:
        out.write(content)
    return name


def case_cells_go_on_in_another_process(case):
    a, b, plain = case.kernel("a"), case.kernel("b"), case.kernel(has_state=False)
    before = ["x = [1]; y = x", "def f(): x.append(len(x)); return x\nf()", "_ + [0]", "class C:\n    n = 0\nc = C(); c.v = x"]
    after = ["f(), x is y, c.v is x, type(c) is C", "In", "Out", "_i, _ii, __", "x.append(9); C.n += 1; C.n", "%history",
             "f'{len(In)} {sorted(Out)}'"]
    for code in before:
        cell = a.run(code)
        case.same(code, plain.run(code).text, cell.text)
        case.same("reply", "ok", b.apply(cell)["status"])
    for code in after:
        expected, found = plain.run(code), b.run(code)
        case.same(code, expected.text, found.text)
        case.same(f"count of {code}", expected.content["execution_count"], found.content["execution_count"])
        a.apply(found)  # and back
    case.same("back again", plain.run("f(), C.n, list(Out)").text, a.run("f(), C.n, list(Out)").text)


def case_the_state_comes_before_the_reply(case):
    a = case.kernel()
    cell = a.run("print(1); 2")
    case.same("outputs", ["status", "execute_input", "stream", "execute_result"], cell.kinds)
    case.same("states", ["notebook_state"], [m["msg_type"] for m in cell.before])
    case.same("sequence", 1, cell.state[0]["sequence"])
    case.same("fields", {"sequence", "empty", "blobs", "lost", "large", "reply"}, set(cell.state[0]))


def case_the_state_has_the_reply_with_it(case):
    a = case.kernel()
    for code, options in [("x = 1", {"user_expressions": {"twice": "2 * x"}}), ("x = 2; 1/0", {})]:
        cell = a.run(code, **options)
        case.same(code, cell.content, json.loads(cell.state[0]["reply"]))


def case_a_reply_that_is_too_long_to_keep_is_kept_short(case):
    a = case.kernel()
    kept = json.loads(a.run("x = 1", user_expressions={"long": "'x' * 100_000"}).state[0]["reply"])
    case.same("without", {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}, kept)
    error = json.loads(a.run("x = 2; raise ValueError('y' * 100_000)").state[0]["reply"])
    case.same("error", ("error", "ValueError", "y" * 4096 + "..."), (error["status"], error["ename"], error["evalue"]))
    case.same("size", True, 4096 < len(json.dumps(error)) < 16384)


def case_a_reply_that_cannot_be_sent_costs_only_itself(case):
    a, b = case.kernel("a"), case.kernel("b")
    state = a.first_answer(a.start("x = 1; get_ipython().payload_manager.write_payload({'source': 'odd', 'value': object()})"))
    case.same("kept", None, state[0]["reply"])
    case.same("state", "ok", b.apply(state)["status"])
    case.same("value", "1", b.run("x").text)


def case_a_request_that_comes_while_a_reply_leaves_is_answered(case):
    a = case.kernel()
    for n in range(400):
        first = a.start("pass")
        until = time.perf_counter() + n % 100 * 40e-6  # over all of the time that a cell takes
        while time.perf_counter() < until:
            pass
        second = a.start("pass")
        case.same("replies", ["ok", "ok"], [a.end(message, idle=False).content["status"] for message in (first, second)])


def case_a_cell_is_busy_before_its_code_runs(case):
    a = case.kernel()
    gate = os.path.join(case.zygote.folder, "gate")
    os.mkfifo(gate)
    for silent in (False, True):
        message = a.start(f"open({gate!r}).close()", silent=silent)
        expected = ["status"] if silent else ["status", "execute_input"]
        case.same(f"silent {silent}", expected, [a.next_output(message)["msg_type"] for _ in expected])
        open(gate, "w").close()  # now it may go on
        a.end(message)


def case_without_state_nothing_is_sent(case):
    a = case.kernel(has_state=False)
    case.same("kinds", ["status", "execute_input", "execute_result"], a.run("1").kinds)
    case.same("refused", "PermissionError", a.ask("notebook_snapshot", {})["content"]["ename"])


def case_a_cell_that_changes_nothing_takes_no_number(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = 1"))
    content, buffers = a.run("pass", silent=True).state
    case.same("empty", {"sequence": 1, "empty": True, "blobs": [], "lost": {}}, content)
    case.same("buffers", [], buffers)
    case.same("next", {"status": "ok", "sequence": 2, "lost": {}, "problems": []}, b.apply(a.run("x = 2")))


def case_silent_cells_and_magics_count(case):
    a, b = case.kernel("a"), case.kernel("b")
    for code, options in [("s = [1]", {"silent": True}), ("%time t = 5", {}), ("%%capture out\nprint('in'); u = 7", {}),
                          ("import os; os.environ['KWIRE'] = 'é'; os.chdir('/')", {}), ("%env OTHER=1", {})]:
        case.same(code, "ok", b.apply(a.run(code, **options))["status"])
    case.same("after", "([1], 5, 7, 'é', '1', '/')",
              b.run("import os\ns, t, u, os.environ['KWIRE'], os.environ['OTHER'], os.getcwd()").text)


def case_a_failed_cell_has_a_state(case):
    a, b = case.kernel("a"), case.kernel("b")
    cell = a.run("x = 5\n1/0")
    case.same("reply", "error", cell.content["status"])
    b.apply(cell)
    b.apply(a.run("this is no Python"))
    found = b.run("x")
    case.same("value", "5", found.text)
    case.same("count", 3, found.content["execution_count"])


def case_an_interrupted_cell_has_a_state(case):
    a, b = case.kernel("a"), case.kernel("b")
    for code in ["x = [1]\nprint('on', flush=True)\nimport time\nwhile True: time.sleep(0.01)",
                 "y = 2\nprint('on', flush=True)\nimport asyncio\nawait asyncio.sleep(1000)"]:
        message = a.start(code)
        while a.next_output(message)["msg_type"] != "stream":
            pass
        os.kill(a.pid, signal.SIGINT)
        cell = a.end(message)
        case.same("reply", "error", cell.content["status"])
        b.apply(cell)
    case.same("values", "([1], 2)", b.run("x, y").text)


def case_an_interrupt_ends_an_awaiting_cell_that_gets_no_message(case):
    a = case.kernel("a")
    for _ in range(5):
        message = a.start("print('on', flush=True)\nimport asyncio\nawait asyncio.sleep(1000)")
        while a.next_output(message)["msg_type"] != "stream":
            pass
        os.kill(a.pid, signal.SIGINT)
        case.same("reply", "error", a.end(message).content["status"])


def case_the_shell_knows_where_the_kernel_began(case):
    a = case.kernel("a", directory=case.zygote.folder)
    case.same("visited", f"(['{case.zygote.folder}'], True)", a.run("import os\n[str(d) for d in _dh], os.getcwd() == str(_dh[0])").text)
    a.run("%cd -q /")
    case.same("back", repr(case.zygote.folder), a.run("%cd -0\nos.getcwd()").text)


def case_history_is_the_kernels_own(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = 1"))
    b.apply(a.run("x = 2"))
    b.run("x")
    asked = {"hist_access_type": "tail", "n": 10, "output": False, "raw": True}
    for kernel, inputs in ((a, ["x = 1", "x = 2"]), (b, ["x = 1", "x = 2", "x"])):
        history = kernel.ask("history_request", asked, session=kernel.client)["content"]["history"]
        case.same("history", inputs, [line[2] for line in history])
    case.same("on disk", ":memory:", b.run("print(get_ipython().history_manager.hist_file)").text.strip())


def case_history_is_the_same_wherever_it_is_asked_for(case):
    a, b, plain = case.kernel("a"), case.kernel("b"), case.kernel(has_state=False)
    for runs, follows, codes in ((a, b, ["x = 1", "x", "%time y = 2", "print(x)"]), (b, a, ["x + 1", "1/0", "x"])):
        for code in codes:
            follows.apply(runs.run(code))
            plain.run(code)
    c = case.kernel("c")
    c.apply(a.snapshot())
    for asked in ({"hist_access_type": "tail", "n": 5}, {"hist_access_type": "range", "session": 0, "start": 1, "stop": None},
                  {"hist_access_type": "range", "session": 1, "start": 2, "stop": 4}, {"hist_access_type": "range", "session": -1, "start": 1},
                  {"hist_access_type": "search", "pattern": "x*"}, {"hist_access_type": "search", "pattern": "*", "n": 3},
                  {"hist_access_type": "search", "pattern": "x*", "unique": True}):
        for more in ({}, {"output": True}, {"raw": False}):
            expected = history(plain, **asked, **more)
            for name, kernel in (("a", a), ("b", b), ("c", c)):
                case.same(f"{asked} {more} of {name}", expected, history(kernel, **asked, **more))


def case_a_cell_that_was_not_kept_is_not_in_the_history(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = 1"))
    a.run("y = 'nobody has this'; y")
    b.run("x = 2")
    case.same("snapshot", "ok", a.apply(b.snapshot())["status"])
    for asked in ({"hist_access_type": "tail", "n": 5}, {"hist_access_type": "range", "session": 0, "start": 1, "stop": None, "output": True}):
        case.same(f"{asked}", history(b, **asked), history(a, **asked))


def case_history_counts_the_starts_of_the_kernel_and_not_its_processes(case):
    a, b = (case.kernel(name, incarnation=3) for name in "ab")
    b.apply(a.run("x = 1"))
    b.run("x = 2")
    tail = {"hist_access_type": "tail", "n": 5}
    case.same("first", [[3, 1, "x = 1"]], history(a, **tail))
    case.same("next", [[3, 1, "x = 1"], [3, 2, "x = 2"]], history(b, **tail))
    case.same("by number", [[0, 1, "x = 1"], [0, 2, "x = 2"]], history(b, hist_access_type="range", session=3, start=1, stop=None))
    case.same("before", [], history(b, hist_access_type="range", session=2, start=1, stop=None))


def case_usage_names_no_server_and_no_process(case):
    a = case.kernel("a")
    usage = a.ask("usage_request", {}, channel="control", session=a.client)["content"]
    case.same("names", ("k", 0), (usage["hostname"], usage["pid"]))
    case.holds("values", usage["kernel_memory"] > 0 and usage["cpu_count"] > 0 and usage["host_virtual_memory"]["total"] > 0)


def history(kernel, **asked):
    return kernel.ask("history_request", {"output": False, "raw": True, **asked}, session=kernel.client)["content"]["history"]


def case_a_cell_below_its_request_for_gpus_is_an_ordinary_cell(case):
    a, b = case.kernel("a"), case.kernel("b")
    for code, text in [("%%gpu 2\nx = 1\nx + 1", "2"), ("\n  \n%%gpu 2 --vram 16\nx + 2", "3"), ("    %%gpu 0\n    x + 3", "4"),
                       ("%%gpu 1\nimport asyncio\nawait asyncio.sleep(0, 'slept')", "'slept'"),
                       ("%%gpu 1\n\n%%capture out\nprint('in')\ny = 5", ""), ("out.stdout, y", "('in\\n', 5)"),
                       ("%%gpu 1", ""), ("_ih[-2], _i2", "('# %%gpu 1', '\\n  \\n%%gpu 2 --vram 16\\nx + 2')")]:
        cell = a.run(code)
        case.same(code, ("ok", text), (cell.content["status"], cell.text))
        case.same(f"{code}: set", None, cell.state[0].get("cell_default"))
        b.apply(cell)
    case.same("in its standby", "(1, 5)", b.run("x, y").text)
    wrong = a.run("%%gpu 1\nx = 1\nx = = 2")
    case.same("syntax", "SyntaxError", wrong.content["ename"])
    case.holds("its line", "line 3" in "".join(wrong.content["traceback"]))
    case.holds("a line that fails", "-> 3" in "".join(a.run("%%gpu 1\n\nraise ValueError").content["traceback"]))


def case_a_request_for_gpus_that_is_wrong_or_late_is_a_usage_error(case):
    a = case.kernel()
    for code, reason in [("%%gpu two\nx = 1", "not 'two'"), ("%%gpu\nx = 1", "needs a number"), ("%%gpu -1\nx = 1", "from 0 to 1,024"),
                         ("%%gpu 1.5\nx = 1", "whole"), ("%%gpu nan\nx = 1", "from 0 to 1,024"), ("%%gpu 1 2\nx = 1", "two numbers"),
                         ("%%gpu 1 --tpus 3\nx = 1", "--tpus"), ("%%gpu 1 --vram\nx = 1", "needs a value"),
                         ("%%gpu 1 --cpus=1 --cpus=2\nx = 1", "twice"), ("%%gpu 1 --memory 1e999\nx = 1", "from 0 to 1,000,000,000"),
                         ("# more\n%%gpu 1\nx = 1", "not found"), ("%gpu many", "not 'many'"), ("%gpu 2 --vram x", "not 'x'")]:
        cell = a.run(code)
        case.same(code, ("error", "UsageError"), (cell.content["status"], cell.content["ename"]))
        case.holds(f"{code} says {reason}, not {cell.content['evalue']}", reason in cell.content["evalue"])
    case.holds("inside another magic", "must be the first line" in a.run("%%time\n%%gpu 1\nx = 1").stream("stderr"))
    case.same("nothing ran", "False", a.run("'x' in globals()").text)
    case.same("nothing is set", None, a.run("%gpu").state[0].get("cell_default"))


def case_what_cells_get_is_said_with_each_state_and_known_to_every_process(case):
    a, b, c, d = (case.kernel(name) for name in "abcd")
    two = {"gpus": 2, "vram": 16.5, "cpus": 4000, "memory": 8192}
    cell = a.run("n = 2\n%gpu {n} --vram 16.5 --cpus=4000 --memory 8192")
    case.same("told", "Cells of this notebook get 2 GPUs, 16.5 GB of GPU memory, 4000 thousandths of a core, 8192 MB of memory, "
              "unless they say otherwise.", cell.text.strip())
    case.same("said", two, cell.state[0]["cell_default"])
    b.apply(cell)
    case.same("in its standby", two, b.run("x = 1").state[0]["cell_default"])
    quiet = a.run("pass", silent=True)
    case.same("nothing changed", (True, two), (quiet.state[0]["empty"], quiet.state[0]["cell_default"]))
    c.apply(a.snapshot())
    case.same("after a snapshot", two, c.run("x = 1").state[0]["cell_default"])
    unset = a.run("%gpu default")
    case.same("unset", None, unset.state[0].get("cell_default"))
    d.apply(a.snapshot())
    d.apply(a.run("%gpu 2"))
    d.apply(a.run("%gpu default"))
    case.same("unset there", None, d.run("x = 1").state[0].get("cell_default"))


def case_a_cell_can_ask_which_gpus_it_has(case):
    a = case.kernel()
    none = "Cells of this notebook get what the kernel was started with, unless they say otherwise.\nThis cell has no GPU.\n"
    case.same("on a server without", none, a.run("%gpu").text)
    case.same("without a lease", none, a.run("%gpu", devices=[]).text)
    a.run("%gpu 2")
    case.same("with one", "Cells of this notebook get 2 GPUs, unless they say otherwise.\n"
              "This cell has 2 GPUs: 0 (GPU 3 of the server), 1 (GPU 5 of the server).\n", a.run("%gpu", devices=[3, 5]).text)


def case_an_interrupt_in_a_capture_comes_too_late(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("import os, signal\nclass K:\n    def __reduce__(self):\n"
                  "        os.kill(os.getpid(), signal.SIGINT)\n        return K, ()"))
    cell = a.run("k = K(); z = 3")
    case.same("reply", "ok", cell.content["status"])
    case.same("lost", {}, cell.state[0]["lost"])
    b.apply(cell)
    case.same("value", "('K', 3)", b.run("type(k).__name__, z").text)
    case.same("goes on", "4", a.run("z + 1").text)


def case_lost_names_are_told_once(case):
    a, b = case.kernel("a"), case.kernel("b")
    cell = a.run("import sys\nx = [1]; g = (i for i in x); print('own', file=sys.stderr)")
    line = "[notebook] g is not replicated: cannot pickle 'generator' object; it is lost if this server is\n"
    case.same("told", "own\n" + line, cell.stream("stderr"))
    case.same("named", {"g": "cannot pickle 'generator' object"}, cell.state[0]["lost"])
    case.same("its standby", {"g": "cannot pickle 'generator' object"}, b.apply(cell)["lost"])
    again = a.run("x.append(2)")
    case.same("once", "", again.stream("stderr"))
    case.same("still named", ["g"], list(again.state[0]["lost"]))
    b.apply(again)
    used = b.run("next(g)")
    case.same("used", ("LostValueError", "g was on server a and could not be copied: cannot pickle 'generator' object"),
              (used.content["ename"], used.content["evalue"]))
    case.same("others", "[1, 2]", b.run("x").text)


BIG = "import random\nr = random.Random(1); big = r.randbytes(300_000); n = 1"
SUM = "sum(big), len(big), n"


def case_blobs_come_in_the_message(case):
    a, b = case.kernel("a"), case.kernel("b")
    cell = a.run(BIG)
    content, buffers = cell.state
    case.same("blobs", 5, len(content["blobs"]))
    case.same("names", content["blobs"], [hashlib.sha256(buffer).hexdigest() for buffer in buffers[1:]])
    case.same("reply", "ok", b.apply(cell)["status"])
    case.same("value", a.run(SUM).text, b.run(SUM).text)


def case_blobs_come_from_files(case):
    objects = case.objects()
    a, b = case.kernel("a"), case.kernel("b", objects=objects)
    content, (inline, *blobs) = a.run(BIG).state
    for blob in blobs[1:]:
        store(objects, blob)
    reply = b.apply(({**content, "blobs": content["blobs"][:1]}, [inline, blobs[0]]))
    case.same("reply", "ok", reply["status"])
    case.same("value", a.run(SUM).text, b.run(SUM).text)


def case_missing_blobs_are_all_named_and_nothing_is_applied(case):
    objects = case.objects()
    a, b = case.kernel("a"), case.kernel("b", objects=objects)
    content, (inline, *blobs) = a.run(BIG).state
    for blob in blobs[:2]:
        store(objects, blob)
    with open(os.path.join(objects, content["blobs"][1][:2], content["blobs"][1]), "r+b") as file:
        file.write(b"damaged")
    none = ({**content, "blobs": []}, [inline])
    missing = {"status": "missing", "blobs": content["blobs"][1:], "lengths": [len(blob) for blob in blobs[1:]]}
    case.same("reply", missing, b.apply(none))
    case.same("a wrong one", missing,
              b.apply(({**content, "blobs": content["blobs"][2:3]}, [inline, b"wrong"])))
    for blob in blobs:
        store(objects, blob)
    case.same("with them", {"status": "ok", "sequence": 1, "lost": {}, "problems": []}, b.apply(none))
    case.same("value", a.run(SUM).text, b.run(SUM).text)


def case_a_blob_that_never_comes_costs_only_its_value(case):
    a, b = case.kernel("a"), case.kernel("b")
    content, (inline, *_) = a.run(BIG).state
    reply = b.apply(({**content, "blobs": []}, [inline]), accept_missing=True)
    case.same("reply", ("ok", ["big"]), (reply["status"], list(reply["lost"])))
    b.apply(a.run("n += 1"))
    used = b.run("len(big)")
    case.same("used", "LostValueError", used.content["ename"])
    case.same("others", "2", b.run("n").text)


def case_arrays_change_in_place(case):
    a, b = case.kernel("a"), case.kernel("b")
    imported = a.run("import numpy as np")
    if imported.content["status"] != "ok":
        return
    b.apply(imported)
    first = a.run("w = np.arange(500_000.); v = w[::2]")
    case.same("blobs", 62, len(first.state[0]["blobs"]))
    b.apply(first)
    second = a.run("v[0] = -1")
    case.same("one", 1, len(second.state[0]["blobs"]))
    case.same("reply", "ok", b.apply(second)["status"])
    case.same("value", "-1.0", b.run("float(w[0])").text)
    case.same("view", "-2.0", b.run("v[0] -= 1; float(w[0])").text)


def case_a_snapshot_is_all_for_a_new_process(case):
    a, b, c = case.kernel("a"), case.kernel("b"), case.kernel("c")
    for code in ["x = [1]; y = x", BIG, "x", "def f(): return x, big[:3]", "x.append(2)"]:
        b.apply(a.run(code))
    reply = c.apply(a.snapshot())
    case.same("reply", ("ok", 5), (reply["status"], reply["sequence"]))
    last = a.run("x.append(3); f()")
    for standby in (b, c):
        case.same("next", "ok", standby.apply(last)["status"])
    codes = ["f()", "x is y", SUM, "In", "Out", "_"]
    expected = [a.run(code).text for code in codes]
    case.same("b", expected, [b.run(code).text for code in codes])
    case.same("c", expected, [c.run(code).text for code in codes])
    d = case.kernel("d")
    case.same("a standby's", "ok", d.apply(c.snapshot())["status"])
    case.same("d", expected[:3], [d.run(code).text for code in codes[:3]])


def case_the_agents_requests_leave_no_trace(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.pending_outputs()
    b.apply(a.run("class K:\n    def __setstate__(self, s): print('loaded')\nk = K(); k.v = 1"))
    parents = {m["parent_header"]["session"] for m in b.pending_outputs()}
    case.holds("only the agent's", parents <= {b.agent.session})
    a.pending_outputs()
    a.snapshot()
    case.same("snapshot", set(), {m["parent_header"]["session"] for m in a.pending_outputs()} - {a.agent.session})
    count = a.run("1").content["execution_count"]
    a.snapshot()
    case.same("count", count + 1, a.run("1").content["execution_count"])


def case_outputs_of_threads_stay_with_their_cell(case):
    a = case.kernel()
    cell = a.start("import threading\ngo = threading.Event()\n"
                   "def late():\n    go.wait(); print('late', flush=True)\n"
                   "t = threading.Thread(target=late); t.start()")
    a.end(cell)
    a.snapshot()
    last = a.start("go.set(); t.join()")
    outputs = a.end(last)
    case.same("late", "late\n", outputs.text)


def case_what_a_forked_process_prints_arrives_once(case):
    a = case.kernel()
    cell = a.run("import os, sys\nprint('before', flush=True)\n"
                 "if not os.fork():\n    print('child')\n    os._exit(0)\n"
                 "os.wait(); print('after')")
    case.same("printed", ["after", "before", "child"], sorted(cell.stream("stdout").split()))


def case_only_the_agent_may_ask(case):
    a, b = case.kernel("a"), case.kernel("b")
    content, buffers = a.run("x = 1").state
    reply = b.ask("notebook_apply", {"blobs_in": []}, buffers, session=b.client)["content"]
    case.same("reply", ("error", "PermissionError"), (reply["status"], reply["ename"]))
    case.same("snapshot", "PermissionError", a.ask("notebook_snapshot", {}, session=a.client)["content"]["ename"])


def case_bad_changes_are_refused(case):
    a, b = case.kernel("a"), case.kernel("b")
    first, second = a.run("x = 1"), a.run("x = 2")
    _, (inline,) = first.state
    damaged = inline[:-1] + bytes([inline[-1] ^ 1])
    for what, buffers, names in [("damaged", [damaged], []), ("short", [inline[:9]], []), ("none", [], []),
                                 ("names", [inline], ["00" * 32]), ("no name", [inline, b""], ["zz"]),
                                 ("gap", [second.state[1][0]], [])]:
        reply = b.ask("notebook_apply", {"blobs_in": names}, buffers)["content"]
        case.same(what, "error", reply["status"])
        case.holds(f"{what} says why", reply["evalue"])
    case.same("then", "ok", b.apply(first)["status"])
    case.same("twice", "StateFormatError", b.apply(first)["ename"])
    b.apply(second)
    case.same("value", "2", b.run("x").text)


def case_a_failed_capture_loses_no_reply_and_a_snapshot_mends_it(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = [1]; y = x; z = 0; del z"))
    a.run("from notebook_kernel.state import capture as _t\n_final = _t.Capture.final_pieces\n"
          "def _boom(self): raise RuntimeError('a bug')\n_t.Capture.final_pieces = _boom")
    broken = a.run("x.append(2); w = 5; del y; x")
    case.same("reply", ("ok", "[1, 2]"), (broken.content["status"], broken.text))
    case.same("error", "RuntimeError: a bug", broken.state[0]["error"])
    a.run("_t.Capture.final_pieces = _final", silent=True)
    case.same("until mended", "RuntimeError: a bug", a.run("x.append(3)").state[0]["error"])
    case.same("snapshot", "ok", b.apply(a.snapshot())["status"])
    cell = a.run("x.append(4)")
    case.same("goes on", False, "error" in cell.state[0])
    b.apply(cell)
    case.same("value", "([1, 2, 3, 4], 5, False)", b.run("x, w, 'y' in globals()").text)


def case_a_debugger_stops_a_cell_and_leaves_its_state_alone(case):
    if importlib.util.find_spec("debugpy") is None:
        return
    a, b = case.kernel("a"), case.kernel("b")
    code = "x = [1]\nx.append(2)\nprint(x)"
    sequence = itertools.count(1)

    def ask(command, **arguments):
        content = {"type": "request", "seq": next(sequence), "command": command, "arguments": arguments}
        reply = a.ask("debug_request", content, channel="control", session=a.client)["content"]
        case.holds(f"{command}: {reply}", reply["success"])
        return reply.get("body") or {}

    ask("initialize", clientID="t", adapterID="", pathFormat="path", linesStartAt1=True, columnsStartAt1=True)
    ask("attach")
    source = {"path": ask("dumpCell", code=code)["sourcePath"]}
    ask("setBreakpoints", source=source, breakpoints=[{"line": 2}], sourceModified=False)
    ask("configurationDone")
    message = a.start(code)
    stopped = a.next_debug_event("stopped")
    frame = ask("stackTrace", threadId=stopped["body"]["threadId"])["stackFrames"][0]
    case.same("stopped at", 2, frame["line"])
    case.holds("variables", any(v["name"] == "x" and v["value"] == "[1]" for v in ask("inspectVariables")["variables"]))
    ask("continue", threadId=stopped["body"]["threadId"])
    cell = a.end(message)
    case.same("printed", "[1, 2]\n", cell.stream("stdout"))
    b.apply(cell)
    ask("disconnect", restart=False, terminateDebuggee=False)
    b.apply(a.run("x.append(3)"))
    case.same("at the other", "[1, 2, 3]", b.run("x").text)


def case_widgets_and_user_expressions_change_state(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = [1]\ndef opened(comm, message): x.append(2)\n"
                  "get_ipython().kernel.comm_manager.register_target('t', opened)"))
    a.open_comm("t")
    b.apply(a.run("pass"))
    b.apply(a.run("pass", user_expressions={"e": "x.append(3)"}))
    case.same("value", "[1, 2, 3]", b.run("x").text)


def main(cases):
    zygote = Zygote()
    for name, check in list(cases.items()):
        if name.startswith("case_") and (len(sys.argv) < 2 or sys.argv[1] in name):
            case = Case(zygote)
            try:
                check(case)
            except Exception:
                case.problems.append(traceback.format_exc())
            print(json.dumps({"case": name[len("case_"):], "problems": case.problems}), flush=True)
    zygote.close()


if __name__ == "__main__":
    main(globals())
