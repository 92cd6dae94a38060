using System.Text.Json.Nodes;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Corpus;

/// <summary>
/// Says on which of the servers cells can run that want a GPU. Each server has a gate: a kernel whose cell holds all of
/// its GPUs while it waits for input. One gate is open at a time, so the executor of every other kernel moves as users' do:
/// where it is there is no room, and the next replica gets the lease.
/// </summary>
internal sealed class ServerGates : IAsyncDisposable
{
    private readonly JupyterApi _api;
    private readonly int _gpus;
    private readonly List<Gate> _gates = [];
    private int _open;

    private ServerGates(JupyterApi api, int gpus) => (_api, _gpus) = (api, gpus);

    /// <summary>The server whose gate is open.</summary>
    public string Open => _gates[_open].Server;

    /// <param name="platform">One whose servers are all up and idle.</param>
    /// <param name="gpus">How many GPUs each has.</param>
    public static async Task<ServerGates> MakeAsync(NotebookPlatform platform, int gpus)
    {
        var gates = new ServerGates(platform.Api, gpus);
        var servers = (await platform.WholeAsync()).Servers.Count;
        for (var i = 0; i < servers; i++)
        {
            var kernel = await platform.Api.StartKernelAsync();
            var gate = new Gate(kernel, await platform.Api.ConnectAsync(kernel));
            gates._gates.Add(gate);
            await gates.CloseAsync(gate);
        }

        var status = await platform.StatusAsync();
        foreach (var gate in gates._gates) gate.Server = status.Executor(gate.Kernel)!.Server;
        await OpenAsync(gates._gates[0]);
        return gates;
    }

    /// <summary>Opens the next server's gate, once the present one is closed: once the cells that hold its GPUs have ended.</summary>
    public async Task NextAsync()
    {
        await CloseAsync(_gates[_open]);
        _open = (_open + 1) % _gates.Count;
        await OpenAsync(_gates[_open]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gate in _gates)
        {
            await gate.Session.DisposeAsync();
            await _api.DeleteKernelAsync(gate.Kernel);
        }
    }

    /// <summary>What makes a cell want GPUs.</summary>
    public static JsonObject Wanting(int gpus) => new() { ["resource_request"] = new JsonObject { ["gpus"] = gpus } };

    private async Task CloseAsync(Gate gate)
    {
        gate.Cell = await gate.Session.SubmitAsync("input()", allowStdin: true, metadata: Wanting(_gpus));
        await gate.Session.WaitAsync("a gate's input_request", m => m.Type == "input_request" && m.Parent.MessageId == gate.Cell);
    }

    private static async Task OpenAsync(Gate gate)
    {
        await gate.Session.SendAsync("stdin", "input_reply", new JsonObject { ["value"] = "" });
        await gate.Session.EndOfAsync(gate.Cell);
    }

    private sealed class Gate(string kernel, KernelSession session)
    {
        public string Kernel => kernel;

        public KernelSession Session => session;

        public string Server { get; set; } = "";

        public string Cell { get; set; } = "";
    }
}
