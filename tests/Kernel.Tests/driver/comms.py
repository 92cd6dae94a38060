"""Comms and widgets between kernel processes: as ``wire.py``, whose cases need no ipywidgets.

    comms.py [TEXT]               runs the cases with the text in their names; prints each one's outcome as a line of JSON
"""

import importlib
import importlib.util
import uuid

from wire import main

HAS_WIDGETS = importlib.util.find_spec("ipywidgets") is not None
VERSION = int(importlib.import_module("ipywidgets").__version__.split(".")[0]) if HAS_WIDGETS else 0

BEGIN = "import ipywidgets as w\nfrom IPython.display import display"
SLIDER = BEGIN + """
seen = []
def moved(change): seen.append(change['new']); print('now', change['new'])
slider = w.IntSlider(value=3)
slider.observe(moved, names='value')"""


def models(cell):
    """The comms that a cell opened: ids by the model's name."""
    found = {}
    for message in cell.outputs:
        if message["msg_type"] == "comm_open":
            data = message["content"]["data"]
            found[data.get("state", data)["_model_name"]] = message["content"]["comm_id"]
    return found


def update(state):
    """What a frontend sends when a person moves something."""
    if VERSION < 7:
        return {"method": "backbone", "sync_data": state}
    return {"method": "update", "state": state, "buffer_paths": []}


def move(kernel, model, **state):
    return kernel.comm("comm_msg", comm_id=model, data=update(state))


def kinds(outputs):
    return [message["msg_type"] for message in outputs]


def closed(outputs):
    return [message["content"]["comm_id"] for message in outputs if message["msg_type"] == "comm_close"]


def said(kernel):
    """What a kernel has said to its clients by now, other than that it was busy."""
    return [m["msg_type"] for m in kernel.pending_outputs() if m["msg_type"] != "status"]


def texts(outputs):
    return "".join(m["content"]["text"] for m in outputs if m["msg_type"] == "stream" and m["content"]["name"] == "stdout")


def case_a_custom_comm_and_its_target_go_on(case):
    a, b, c = case.kernel("a"), case.kernel("b"), case.kernel("c")
    b.apply(a.run("log = []\nmanager = get_ipython().kernel.comm_manager\n"
                  "def opened(comm, message):\n"
                  "    @comm.on_msg\n"
                  "    def heard(message):\n"
                  "        log.append(message['content']['data'])\n"
                  "        comm.send({'heard': len(log)})\n"
                  "manager.register_target('mine', opened)"))
    first = a.open_comm("mine")
    b.apply(a.capture())
    a.comm("comm_msg", comm_id=first, data=1)
    b.apply(a.capture())
    case.same("known", {first: {"target_name": "mine"}}, b.comms())
    answer = b.comm("comm_msg", comm_id=first, data=2)
    case.same("answered", [{"heard": 2}], [m["content"]["data"] for m in answer if m["msg_type"] == "comm_msg"])
    second = b.open_comm("mine")
    case.same("both", {first, second}, set(b.comms()))
    b.comm("comm_close", comm_id=first, data={})
    state = b.capture()
    c.apply(a.snapshot())
    case.same("in order", "ok", c.apply(state)["status"])
    case.same("after all", {second: {"target_name": "mine"}}, c.comms())
    c.comm("comm_msg", comm_id=second, data=3)
    case.same("log", "([1, 2, 3], True)", c.run("log, manager is get_ipython().kernel.comm_manager").text)


def case_what_comms_bring_is_kept_between_cells_and_empty_when_it_is_nothing(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = [1]\ndef opened(comm, message): x.append(message['content']['data'])\n"
                  "get_ipython().kernel.comm_manager.register_target('t', opened)"))
    a.open_comm("t", data=2)
    b.apply(a.capture())
    content, buffers = a.capture()
    case.same("nothing more", ({"sequence": 2, "empty": True, "blobs": [], "lost": {}}, []), (content, buffers))
    case.same("value", "[1, 2]", b.run("x").text)
    case.same("refused", "PermissionError", a.ask("notebook_capture", {}, session=a.client)["content"]["ename"])


def case_a_kernel_that_was_ahead_takes_nothing_in(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = [1]\ndef opened(comm, message): x.append(2)\n"
                  "get_ipython().kernel.comm_manager.register_target('t', opened)"))
    a.open_comm("t")
    refused = a.apply(b.run("x.append(3)"))
    case.same("refused", ("error", True), (refused["status"], "went on without" in refused["evalue"]))


def case_the_end_of_a_comm_runs_its_callback_once(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("ended = []\ndef opened(comm, message): comm.on_close(lambda message: ended.append(comm.comm_id))\n"
                  "get_ipython().kernel.comm_manager.register_target('t', opened)"))
    comm = a.open_comm("t")
    b.apply(a.capture())
    b.comm("comm_close", comm_id=comm, data={})
    a.apply(b.capture())
    case.same("at the other", repr([comm]), a.run("ended").text)
    case.same("none left", {}, a.comms())


def case_a_comm_that_cannot_come_along_is_closed_for_its_clients_once(case):
    a, b, c = case.kernel("a"), case.kernel("b"), case.kernel("c")
    cell = a.run("def opened(comm, message): comm.on_msg((m for m in [comm]).send)\n"
                 "get_ipython().kernel.comm_manager.register_target('t', opened)")
    b.apply(cell)
    c.apply(cell)
    comm = a.open_comm("t")
    cell = a.run("x = 1")
    case.holds("told", "is not replicated: cannot pickle" in cell.stream("stderr"))
    b.apply(cell)
    c.apply(cell)
    case.same("while it is a standby", [], said(b))
    cell = b.run("x")
    case.same("closed", [comm], closed(cell.outputs))
    case.same("gone", {}, b.comms())
    c.apply(cell)
    case.same("not again", [], closed(c.run("x").outputs))


def case_who_speaks_to_what_is_not_there_any_more_is_told(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("x = 1"))
    case.same("never had a standby's place", ["status"], kinds(a.comm("comm_msg", comm_id="gone", data={})))
    case.same("has", ["gone"], closed(b.comm("comm_msg", comm_id="gone", data={})))


def case_observers_of_any_object_with_traits_come_along(case):
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("import traitlets as t\n"
                  "class Box(t.HasTraits):\n"
                  "    n = t.Int(); m = t.Int(5)\n"
                  "    made = 0\n"
                  "    def __init__(self, **k): super().__init__(**k); Box.made += 1\n"
                  "    @t.observe('n')\n"
                  "    def own(self, change): log.append(('own', change['new']))\n"
                  "    @t.validate('n')\n"
                  "    def check(self, proposal): return min(proposal['value'], 100)\n"
                  "log = []\nbox = Box(n=1); other = Box()\n"
                  "box.observe(lambda change: log.append((change['name'], change['new'])), t.All)\n"
                  "link = t.link((box, 'm'), (other, 'm'))"))
    case.same("values", "(1, 5, 5, 2)", b.run("box.n, box.m, other.m, Box.made").text)
    case.same("observers", "([('own', 1), ('own', 500), ('n', 500), ('m', 9)], 9)".replace("500", "100"),
              b.run("box.n = 500\nother.m = 9\nlog, box.m").text)


def case_a_slider_that_was_moved_elsewhere_goes_on(case):
    if not HAS_WIDGETS:
        return
    a, b = case.kernel("a"), case.kernel("b")
    cell = a.run(SLIDER)
    model = models(cell)["IntSliderModel"]
    b.apply(cell)
    case.same("silently", [], said(b))
    case.same("moved", "now 7\n", texts(move(a, model, value=7)))
    b.apply(a.capture())
    case.same("still silently", [], said(b))
    cell = b.run("slider.value, seen, [s for s in w.Widget.widgets.values() if s is slider] == [slider]")
    case.same("value", "(7, [7], True)", cell.text)
    a.apply(cell)
    case.same("moved here", "now 8\n", texts(move(b, model, value=8)))
    state = b.capture()
    a.apply(state)
    cell = a.run("slider.value += 1")
    case.same("and back", (["comm_msg", "stream"], "now 9\n"), (sorted(set(kinds(cell.outputs)) - {"status", "execute_input"}), cell.stream("stdout")))
    case.same("told under its id", model, [m for m in cell.outputs if m["msg_type"] == "comm_msg"][0]["content"]["comm_id"])
    case.same("all", "(9, [7, 8, 9])", a.run("slider.value, seen").text)


def case_widgets_that_nobody_names_go_on(case):
    if not HAS_WIDGETS:
        return
    a, b, c = case.kernel("a"), case.kernel("b"), case.kernel("c")
    cell = a.run(BEGIN + "\ndef f(x): print('f of', x)\nw.interact(f, x=(0, 10, 2));")
    b.apply(cell)
    slider = models(cell)["IntSliderModel"]
    case.same("comms", a.comms(), b.comms())
    moved = move(b, slider, value=6)
    case.same("called", "f of 6\n", texts(moved))
    b.run("pass")
    c.apply(b.snapshot())
    case.same("comms of a snapshot", a.comms(), c.comms())
    case.same("called again", "f of 8\n", texts(move(c, slider, value=8)))


def case_progress_and_buttons_go_on(case):
    if not HAS_WIDGETS:
        return
    a, b = case.kernel("a"), case.kernel("b")
    cell = a.run(BEGIN + "\nbar = w.IntProgress(max=10)\nbutton = w.Button()\npressed = []\n"
                 "button.on_click(lambda b: (pressed.append(b is button), setattr(bar, 'value', bar.value + 1)))\n"
                 "box = w.VBox([bar, button])")
    ids = models(cell)
    b.apply(cell)
    cell = b.run("for _ in range(3): bar.value += 1")
    told = [m["content"] for m in cell.outputs if m["msg_type"] == "comm_msg"]
    case.same("bar", {ids["IntProgressModel" if "IntProgressModel" in ids else "ProgressModel"]}, {t["comm_id"] for t in told})
    case.same("told", [1, 2, 3], [t["data"]["state"]["value"] for t in told])
    b.comm("comm_msg", comm_id=ids["ButtonModel"], data={"method": "custom", "content": {"event": "click"}})
    case.same("value", "(4, [True], True)", b.run("bar.value, pressed, box.children[0] is bar").text)
    a.apply(b.capture())
    case.same("closed by its user", 1, len(closed(b.run("button.close()").outputs)))


def case_a_progress_bar_of_tqdm_goes_on(case):
    if VERSION < 7 or importlib.util.find_spec("tqdm") is None:
        return
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("from tqdm.notebook import tqdm\nbar = tqdm(total=10)\nbar.update(3);"))
    cell = b.run("bar.update(2); bar.refresh(); bar.n, bar.container.children[1].value")
    case.same("value", "(5, 5.0)", cell.text)
    case.holds("told", any(m["msg_type"] == "comm_msg" for m in cell.outputs))


def case_what_a_library_holds_and_changes_comes_along(case):
    if not HAS_WIDGETS:
        return
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run("import sys, types\nm = types.ModuleType('held'); sys.modules['held'] = m; del m\n"
                  "import ipywidgets\nsys.modules['held'].bar = ipywidgets.IntProgress()"))
    b.apply(a.run("def step():\n    import sys\n    sys.modules['held'].bar.value += 1\nstep()"))
    case.same("value", "[1]", b.run("[x.value for c in get_ipython().kernel.comm_manager.comms.values()"
                                     " for x in [c._msg_callback.__self__] if hasattr(x, 'value')]").text)


def case_two_widgets_are_no_group(case):
    if not HAS_WIDGETS:
        return
    a, b = case.kernel("a"), case.kernel("b")
    b.apply(a.run(BEGIN + "\na = w.IntSlider(); b = w.IntSlider(); a.log.name, b.log.name"))
    cell = a.run("a.value = 5")
    a.run("many = [w.IntSlider() for _ in range(40)]")
    other = a.run("a.value = 6")
    case.holds("size", len(other.state[1][0]) < 1.2 * len(cell.state[1][0]))


def case_widgets_that_are_dropped_are_closed_by_who_dropped_them_alone(case):
    if not HAS_WIDGETS:
        return
    a, b = case.kernel("a"), case.kernel("b")
    cell = a.run(SLIDER)
    b.apply(cell)
    for i in range(3):
        b.apply(a.run(f"slider.value = {i}"))
    b.run("import gc\ngc.collect();")
    a.run("pass")
    case.same("open", a.comms(), b.comms())
    cell = b.run("slider.close(); slider.layout.close(); slider.style.close() if hasattr(slider, 'style') else None; del slider, seen, moved")
    a.apply(cell)
    case.same("silently", [], said(a))
    case.same("none", {}, a.comms())
    case.same("closed", sorted(closed(cell.outputs)), sorted(set(closed(cell.outputs))))


if __name__ == "__main__":
    main(globals())
