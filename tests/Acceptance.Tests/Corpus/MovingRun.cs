using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Corpus;

/// <summary>One case on the platform: its first cells on one server, the others on the next, and a look from the third.</summary>
internal sealed partial class MovingRun(CorpusCase @case, string kernel, KernelSession session, string folder)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(3);
    private readonly List<string> _problems = [];
    private readonly List<(string Server, int Pid)> _executors = [];
    private IReadOnlyList<string> _printed = [];
    private string _stderr = "";

    public CorpusCase Case => @case;

    /// <summary>What is wrong so far.</summary>
    public IReadOnlyList<string> Problems => _problems;

    private CaseCells Cells => new(ExecuteAsync, folder);

    /// <summary>Starts its kernel.</summary>
    public static async Task<MovingRun> StartAsync(
        JupyterApi api, CorpusCase @case, string folder, IReadOnlyDictionary<string, string> environment)
    {
        var variables = environment.Append(new("KERNEL_WORKING_DIR", folder))
            .Select(variable => new KeyValuePair<string, JsonNode?>(variable.Key, variable.Value));
        var kernel = await api.StartKernelAsync(options: new JsonObject { ["env"] = new JsonObject(variables) });
        return new(@case, kernel, await api.ConnectAsync(kernel), folder);
    }

    /// <summary>Runs the cells before the change of executor.</summary>
    /// <returns>The process that ran them.</returns>
    public async Task<int> BeforeAsync()
    {
        var pid = await Cells.BeginAsync(@case);
        _stderr = (await Cells.RunAsync(@case.Before)).Stderr;
        return pid;
    }

    /// <summary>Runs the others.</summary>
    /// <returns>What there is at the end.</returns>
    public async Task<CaseLook> AfterAsync()
    {
        (_printed, _) = await Cells.RunAsync(@case.After);
        return await LookAsync();
    }

    public Task<CaseLook> LookAsync() => Cells.LookAsync(@case);

    /// <summary>Takes note of who ran the last cells, and that it is not who ran the ones before.</summary>
    public void CheckExecutor(PlatformStatus status, string server, int pid)
    {
        var executor = status.Executor(kernel);
        if (executor?.Server != server || executor.Pid != pid)
            Add($"executor {executor}, but the cells ran in process {pid} and server {server} had room");
        if (_executors.Any(e => e.Server == server || e.Pid == pid)) Add($"it has not moved: {server}, {pid}");
        _executors.Add((server, pid));
    }

    /// <summary>The names that the user and the operator were told of are those that cannot be copied.</summary>
    public void CheckLost(PlatformStatus status)
    {
        CheckSame("unreplicated", @case.Lost.Order(StringComparer.Ordinal), UsersNames(status.Kernel(kernel).Unreplicated.Select(NameOf)));
        CheckSame("told", @case.Lost.Order(StringComparer.Ordinal), UsersNames(Told().Matches(_stderr).Select(m => m.Groups[1].Value)).Where(@case.Lost.Contains));
    }

    /// <summary>Compares with what a plain kernel printed, or what the case says.</summary>
    public void CheckPrinted(PlainRun plain)
    {
        var expected = @case.Prints.Count > 0 ? @case.Prints : plain.Printed;
        CheckSame("printed", expected, _printed.Select(line => line.Replace($"on server {_executors[0].Server} ", "on server a ", StringComparison.Ordinal)));
    }

    /// <summary>Compares the kernel with a plain one.</summary>
    public void CheckLook(CaseLook found, PlainRun plain)
    {
        CheckSame($"names on {_executors[^1].Server}", plain.End.Names, found.Names);
        CheckSame($"around on {_executors[^1].Server}", plain.End.Around, found.Around);
    }

    public async Task EndAsync(JupyterApi api)
    {
        await session.DisposeAsync();
        await api.DeleteKernelAsync(kernel);
    }

    private void CheckSame(string what, IEnumerable<string> expected, IEnumerable<string> found)
    {
        string[] want = [.. expected], got = [.. found];
        if (want.SequenceEqual(got)) return;
        string[] missing = [.. want.Except(got)], surplus = [.. got.Except(want)];
        Add(missing.Length + surplus.Length == 0
            ? $"{what}: the same lines in another order: {string.Join(" | ", got)}"
            : $"{what}\n    want {string.Join("\n         ", missing)}\n     got {string.Join("\n         ", surplus)}");
    }

    private void Add(string problem) => _problems.Add($"{@case.Name}: {problem}");

    private async Task<Cell> ExecuteAsync(JsonObject content) =>
        await session.EndOfAsync(await session.SendAsync("shell", "execute_request", content, ServerGates.Wanting(1)), s_limit);

    /// <summary>Without those that only IPython makes, such as <c>_</c> and <c>Out[1]</c>.</summary>
    private static IEnumerable<string> UsersNames(IEnumerable<string> names) =>
        names.Where(name => name[0] != '_' && !name.StartsWith("Out[", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static string NameOf(string unreplicated) => unreplicated[..unreplicated.IndexOf(':', StringComparison.Ordinal)];

    [GeneratedRegex(@"^\[notebook\] (.+?) is not replicated: ", RegexOptions.Multiline)]
    private static partial Regex Told();
}
