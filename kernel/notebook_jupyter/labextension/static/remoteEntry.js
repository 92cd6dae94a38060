// A page of JupyterLab 4 that is loaded anew shows what its cells have said: what was on the page before it and in no file
// yet, and what came while there was no page. The page remembers which cell it ran under which message id; the gateway has
// what came of it (recall_request, docs/gateway.md). JupyterLab loads this file as it is: it is an extension's container,
// which takes JupyterLab's own packages from those that the page shares.
(function () {
  "use strict";

  const NAME = "notebook-orleans";
  const PREFIX = `${NAME}:lab:`;
  const MOST = 200; // cells that are remembered of a kernel, and kernels
  const LONGEST = 10000; // code by which a cell is found whose id has changed

  function remembered(kernel) {
    try {
      return JSON.parse(window.localStorage.getItem(PREFIX + kernel.id)) || {};
    } catch (error) {
      return {};
    }
  }

  function remember(kernel, request) {
    const cells = remembered(kernel);
    const { cellId } = request.metadata;
    for (const id of Object.keys(cells)) {
      if (cells[id].cell === cellId) delete cells[id]; // it shows what it says now
    }
    cells[request.header.msg_id] = { cell: cellId, text: request.content.code.slice(0, LONGEST) };
    const ids = Object.keys(cells);
    ids.slice(0, Math.max(0, ids.length - MOST)).forEach((id) => delete cells[id]);
    try {
      window.localStorage.setItem(PREFIX + kernel.id, JSON.stringify(cells));
    } catch (error) {
      console.warn(`${NAME}: the browser's storage is full, so a page that is loaded anew will not show this cell's output`);
    }
  }

  function forgetOthers(kernel) {
    Object.keys(window.localStorage)
      .filter((key) => key.startsWith(PREFIX) && key !== PREFIX + kernel.id)
      .slice(0, -MOST)
      .forEach((key) => window.localStorage.removeItem(key));
  }

  // The cell that was run, wherever it is now; none where this page has run it again.
  function find(panel, place) {
    const isFree = (cell) => cell.model.type === "code" && !cell.outputArea.future;
    const cells = panel.content.widgets.filter(isFree);
    return cells.find((cell) => cell.model.id === place.cell)
      || cells.find((cell) => cell.model.sharedModel.getSource().slice(0, LONGEST) === place.text);
  }

  // Shows in a cell what it says under this message id, as if the page had run it.
  class Recalled {
    constructor(kernel, cell, id, ended) {
      this._cell = cell;
      this._ended = ended;
      this._done = new Promise((resolve) => (this._resolve = resolve));
      cell.model.clearExecution();
      cell.outputHidden = false;
      cell.model.trusted = true;
      cell.model.executionState = "running";
      // What an output area needs of a request's future.
      this._future = {
        msg: { header: { msg_id: id } },
        done: this._done,
        isDisposed: false,
        registerMessageHook: () => {},
        removeMessageHook: () => {},
        sendInputReply: (content, parent) => kernel.sendInputReply(content, parent),
        dispose: () => this._end(),
      };
      cell.outputArea.future = this._future;
    }

    warn(text) {
      this._cell.outputArea.model.add({ output_type: "stream", name: "stderr", text: `[notebook] ${text}\n` });
    }

    take(message) {
      if (this._cell.isDisposed) this._end();
      if (this._future.isDisposed) return;
      if (message.channel === "iopub") this._future.onIOPub(message);
      if (message.channel === "stdin") this._future.onStdin(message);
      if (message.header.msg_type === "execute_input") this._count = message.content.execution_count;
      if (message.header.msg_type === "execute_reply") {
        this._future.onReply(message);
        this.finish(message.content.execution_count);
      }
    }

    finish(count) {
      this._cell.model.executionCount = count ?? this._count ?? null;
      this._cell.model.executionState = "idle";
      this._resolve();
    }

    _end() {
      this._future.isDisposed = true;
      this._resolve();
      this._ended();
    }
  }

  // One kernel of one notebook's page.
  class Recall {
    constructor(KernelMessage, panel, kernel) {
      this._shown = new Map();
      this._cells = remembered(kernel);
      this._panel = panel;
      this._kernel = kernel;
      kernel.anyMessage.connect((_, { msg, direction }) => (direction === "send" ? this._sent(msg) : this._received(msg)));
      kernel.statusChanged.connect((_, status) => {
        if (["restarting", "autorestarting", "dead"].includes(status)) this._shown.forEach((shown) => shown.finish());
      });
      if (Object.keys(this._cells).length > 0) this._ask(KernelMessage);
    }

    async _ask(KernelMessage) {
      await Promise.all([this._panel.context.ready, this._panel.revealed]);
      if (this._kernel.isDisposed || this._panel.isDisposed) return;
      forgetOthers(this._kernel);
      const request = KernelMessage.createMessage({
        channel: "shell",
        msgType: "recall_request",
        session: this._kernel.clientId,
        username: this._kernel.username,
        content: { msg_ids: Object.keys(this._cells) },
      });
      this._asked = request.header.msg_id;
      this._kernel.sendShellMessage(request);
    }

    _sent(message) {
      if (message.header.msg_type === "execute_request" && message.metadata.cellId) remember(this._kernel, message);
    }

    _received(message) {
      const parent = message.parent_header.msg_id;
      if (parent === undefined) return;
      if (parent === this._asked && message.header.msg_type === "recall_reply") {
        (message.content.cells || []).forEach((recalled) => this._show(recalled, this._cells[recalled.msg_id]));
      }
      this._shown.get(parent)?.take(message);
    }

    _show(recalled, place) {
      const cell = !this._panel.isDisposed && find(this._panel, place);
      if (!cell) return;
      const input = recalled.messages.find((message) => message.msg_type === "execute_input");
      if (recalled.finished && input && cell.model.executionCount === input.content.execution_count) return; // the file has it
      const shown = new Recalled(this._kernel, cell, recalled.msg_id, () => this._shown.delete(recalled.msg_id));
      this._shown.set(recalled.msg_id, shown);
      if (recalled.left_out > 0) shown.warn(`${recalled.left_out} earlier messages of this cell are no longer kept`);
      recalled.messages.forEach((message, i) => {
        const isOpenQuestion = i === recalled.messages.length - 1 && !recalled.finished;
        if (message.channel === "stdin" && !isOpenQuestion) return; // it has been answered
        shown.take({ buffers: [], ...message });
      });
      if (recalled.finished) shown.finish(cell.model.executionCount);
    }
  }

  function plugin({ INotebookTracker }, { KernelMessage }) {
    const watch = (panel) => {
      const seen = (kernel) => kernel && new Recall(KernelMessage, panel, kernel);
      panel.sessionContext.kernelChanged.connect((_, { newValue }) => seen(newValue));
      seen(panel.sessionContext.session?.kernel);
    };
    return {
      id: `${NAME}:recall`,
      description: "Shows what cells have said when a page is loaded anew.",
      autoStart: true,
      requires: [INotebookTracker],
      activate: (_, notebooks) => {
        notebooks.forEach(watch);
        notebooks.widgetAdded.connect((_, panel) => watch(panel));
      },
    };
  }

  let scope;

  // The newest of the page's copies of a package, which is what JupyterLab takes, too.
  async function shared(name) {
    const newest = Object.keys(scope[name]).sort((a, b) => a.localeCompare(b, undefined, { numeric: true })).pop();
    return (await scope[name][newest].get())();
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: (packages) => {
      scope = packages;
    },
    get: async () => {
      const made = plugin(await shared("@jupyterlab/notebook"), await shared("@jupyterlab/services"));
      return () => ({ __esModule: true, default: made });
    },
  };
})();
