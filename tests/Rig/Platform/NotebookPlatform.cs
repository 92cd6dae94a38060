using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notebook.Rig.Client;

namespace Notebook.Rig.Platform;

/// <summary>The real thing, brought up from the built programs as a user would: its own data directory, port and token.</summary>
public sealed partial class NotebookPlatform : IAsyncDisposable
{
    private const int Servers = 3;
    private const int LogLinesPerProcess = 25;
    private const int LogLineLength = 400;
    private static readonly TimeSpan s_upLimit = TimeSpan.FromSeconds(90);
    private readonly bool _ownsData;
    private Uri? _silo;

    private NotebookPlatform(string data, bool ownsData, string readyLine)
    {
        Data = data;
        _ownsData = ownsData;
        var match = ReadyLine().Match(readyLine);
        if (!match.Success) throw new InvalidOperationException($"the last line of 'up' is no readiness line: '{readyLine}'");
        Address = new Uri(match.Groups["address"].Value);
        Token = match.Groups["token"].Value;
        Api = new JupyterApi(Address, Token);
    }

    public string Data { get; }

    public Uri Address { get; }

    public string Token { get; }

    public JupyterApi Api { get; }

    /// <summary>Brings it up.</summary>
    /// <param name="data">An existing data directory, to go on where that one ended; null for a new one that is removed at the end.</param>
    /// <param name="gpus">What <c>--gpus</c> says.</param>
    /// <param name="agents">How many GPU servers; 0 for a test that starts <see cref="GpuServer"/>s of its own.</param>
    /// <param name="maxObjectsBytes">The limit of large values on each server; null for none of its own.</param>
    /// <param name="more">Other options of <c>up</c>.</param>
    public static async Task<NotebookPlatform> UpAsync(string? data = null, string gpus = "simulated:8", int agents = Servers, long? maxObjectsBytes = null, params string[] more)
    {
        var directory = data ?? Directory.CreateTempSubdirectory("nb-").FullName;
        var up = await UpAsync(directory, port: 0, gpus, agents, maxObjectsBytes, more);
        return new(directory, data is null, LastLine(up.Checked().Stdout));
    }

    /// <summary>Runs <c>notebook up --detach</c>, whatever comes of it.</summary>
    public static Task<CommandResult> UpAsync(
        string data, int port, string gpus = "simulated:8", int agents = Servers, long? maxObjectsBytes = null, params string[] more) => Command.NotebookAsync(
        "Cli",
        [
            "up", "--detach", "--agents", $"{agents}", "--gpus", gpus, "--port", $"{port}", "--data", data, "--token", Guid.NewGuid().ToString("N"),
            .. maxObjectsBytes is { } bytes ? (string[])["--max-objects-bytes", $"{bytes}"] : [],
            .. more,
        ],
        s_upLimit);

    /// <summary>Runs <c>notebook VERB --data ...</c> for this platform.</summary>
    public Task<CommandResult> RunAsync(string verb, params string[] arguments) =>
        Command.NotebookAsync("Cli", [verb, "--data", Data, .. arguments], TimeSpan.FromSeconds(120));

    /// <summary>What <c>notebook status --json</c> says now.</summary>
    public async Task<PlatformStatus> StatusAsync() =>
        new(JsonNode.Parse((await RunAsync("status", "--json")).Checked().Stdout)!);

    /// <summary>Waits for a state of the platform.</summary>
    public Task<PlatformStatus> StatusAsync(string what, Func<PlatformStatus, bool> wanted, TimeSpan? limit = null) =>
        Eventually.GetAsync(what, async () => await TryStatusAsync() is { } status && wanted(status) ? status : null, limit);

    /// <summary>Waits for a state of servers and kernels as the silo knows them: cheaper than the whole status, for tests that look often.</summary>
    public async Task<PlatformStatus> ClusterAsync(string what, Func<PlatformStatus, bool> wanted, TimeSpan? limit = null)
    {
        using var http = new HttpClient { BaseAddress = _silo ??= new Uri((await StatusAsync()).Process("silo").Address) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        PlatformStatus? last = null;
        try
        {
            return await Eventually.GetAsync(
                what,
                async () => (last = new(JsonNode.Parse(await http.GetStringAsync("admin/cluster"))!)) is var status && wanted(status) ? status : null,
                limit);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message}; the silo says {last}", e);
        }
    }

    /// <summary>Waits until all processes are up and all three servers are there: where every test starts and ends.</summary>
    public Task<PlatformStatus> WholeAsync() => StatusAsync(
        "a live silo, gateway and three servers that are up",
        s => s.Processes.All(p => Processes.Mark(p.Pid) is not null) && s.Servers.Count(v => v.State == "up") == Servers,
        TimeSpan.FromSeconds(30));

    public Task<CommandResult> DownAsync() => RunAsync("down");

    /// <summary>The last lines of every process's log.</summary>
    public string LogTails()
    {
        var logs = Path.Combine(Data, "logs");
        if (!Directory.Exists(logs)) return $"no logs in {logs}";
        return string.Join('\n', Directory.EnumerateFiles(logs).Order().Select(f => $"--- {Path.GetFileName(f)}\n{Tail(f)}"));
    }

    public async ValueTask DisposeAsync()
    {
        await DownAsync();
        Api.Dispose();
        if (_ownsData) Directory.Delete(Data, recursive: true);
    }

    /// <summary>A port that nothing listens on at this moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Tail(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LogLinesPerProcess);
        return string.Join('\n', lines.Select(l => l.Length <= LogLineLength ? l : l[..LogLineLength]));
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";

    /// <summary>Null while the platform cannot say: a silo that was just killed.</summary>
    private async Task<PlatformStatus?> TryStatusAsync()
    {
        var result = await RunAsync("status", "--json");
        return result.ExitCode == 0 ? new(JsonNode.Parse(result.Stdout)!) : null;
    }

    [GeneratedRegex(@"^ready (?<address>http://[^?]+)\?token=(?<token>\S+)$")]
    private static partial Regex ReadyLine();
}
