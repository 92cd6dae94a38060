// A page of the classic Notebook that is loaded anew shows what its cells have said: what was on the page before it and
// in no file yet, and what came while there was no page. The page remembers which cell it ran under which message id;
// the gateway has what came of it (recall_request, docs/gateway.md).
define(["base/js/namespace", "base/js/events", "notebook/js/codecell"], function (Jupyter, events, codecell) {
  "use strict";

  const CodeCell = codecell.CodeCell;
  const PREFIX = "notebook-orleans:";
  const MOST = 200; // cells that are remembered of a kernel
  const asked = new Set(); // kernels that this page has asked

  function remembered(kernel) {
    try {
      return JSON.parse(window.localStorage.getItem(PREFIX + kernel.id)) || {};
    } catch (error) {
      return {};
    }
  }

  function remember(cell) {
    const cells = remembered(cell.kernel);
    const at = Jupyter.notebook.find_cell_index(cell);
    for (const id of Object.keys(cells)) {
      if (cells[id].at === at) delete cells[id]; // it shows what it says now
    }
    cells[cell.last_msg_id] = { at: at, text: cell.get_text() };
    const ids = Object.keys(cells);
    ids.slice(0, Math.max(0, ids.length - MOST)).forEach((id) => delete cells[id]);
    window.localStorage.setItem(PREFIX + cell.kernel.id, JSON.stringify(cells));
  }

  function forgetOthers(kernel) {
    Object.keys(window.localStorage)
      .filter((key) => key.startsWith(PREFIX) && key !== PREFIX + kernel.id)
      .slice(0, -MOST)
      .forEach((key) => window.localStorage.removeItem(key));
  }

  // The cell that was run: where it was, or wherever its text is now.
  function find(place) {
    const isIt = (cell) => cell instanceof CodeCell && cell.get_text() === place.text && !cell.last_msg_id;
    const there = Jupyter.notebook.get_cell(place.at);
    return there && isIt(there) ? there : Jupyter.notebook.get_cells().find(isIt);
  }

  function show(kernel, recalled, place) {
    const cell = find(place);
    const input = recalled.messages.find((message) => message.msg_type === "execute_input");
    if (!cell) return;
    if (recalled.finished && input && cell.input_prompt_number === input.content.execution_count) return; // the file has it
    cell.clear_output(false, true);
    cell.set_input_prompt("*");
    cell.last_msg_id = recalled.msg_id;
    CodeCell.msg_cells[recalled.msg_id] = cell;
    kernel.set_callbacks_for_msg(recalled.msg_id, cell.get_callbacks());
    if (recalled.left_out > 0) {
      cell.output_area.append_output({
        output_type: "stream",
        name: "stderr",
        text: `[notebook] ${recalled.left_out} earlier messages of this cell are no longer kept\n`,
      });
    }
    recalled.messages.forEach((message, i) => {
      const isOpenQuestion = i === recalled.messages.length - 1 && !recalled.finished;
      if (message.channel === "stdin" && !isOpenQuestion) return; // it has been answered
      kernel._finish_ws_message(Object.assign({ buffers: [] }, message));
    });
  }

  function recall(kernel) {
    const cells = remembered(kernel);
    const ids = Object.keys(cells);
    if (asked.has(kernel.id) || ids.length === 0) return;
    asked.add(kernel.id);
    forgetOthers(kernel);
    kernel.send_shell_message("recall_request", { msg_ids: ids }, {
      shell: {
        reply: (reply) => (reply.content.cells || []).forEach((recalled) => show(kernel, recalled, cells[recalled.msg_id])),
      },
    });
  }

  function load_ipython_extension() {
    events.on("execute.CodeCell", (_, data) => {
      asked.add(data.cell.kernel.id); // what this page has run it sees itself
      remember(data.cell);
    });
    events.on("kernel_connected.Kernel", (_, data) => recall(data.kernel));
    const kernel = Jupyter.notebook && Jupyter.notebook.kernel;
    if (kernel && kernel.is_connected()) recall(kernel);
  }

  return { load_ipython_extension: load_ipython_extension };
});
