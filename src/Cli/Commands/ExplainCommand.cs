using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Notebook.Cli.Platform;
using Notebook.Cli.Supervision;
using Notebook.Hosting;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook explain [KERNEL|KERNEL#EXECUTION]</c>: what the control plane decided, by which policy, why, and what else it considered.</summary>
internal sealed class ExplainCommand(CommonOptions common)
{
    private readonly Argument<string?> _about = new("KERNEL")
    {
        Description = "A kernel's id or the beginning of it, with #N for its cell number N; nothing for the decisions about servers.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _json = new("--json") { Description = "As JSON, for programs." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("explain", "Say why a kernel, a cell or a server is where it is.") { _about, _json };
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var record = common.FindData(parsed) is { } data ? RunRecord.Read(data) : null;
        if (record?.Processes.FirstOrDefault(p => p.Role == "silo") is not { Process.IsAlive: true } silo)
            throw new UserException($"no silo runs with the data directory {common.DataPath(parsed)}: 'notebook up' starts one");
        using var admin = new AdminClient(new Uri(silo.Address), Secrets.Token(common.OpenData(parsed)));
        var (asked, execution) = Read(parsed.GetValue(_about));
        var kernel = asked is null ? null : await FindAsync(admin, asked, cancel);
        var decisions = await admin.ExplainAsync(kernel, cancel);
        var shown = new JsonArray([.. decisions.Where(d => execution is null || (long?)d!["execution"] == execution).Select(d => d!.DeepClone())]);
        if (parsed.GetValue(_json)) Console.Out.WriteLine(shown.ToJsonString(Json.Options));
        else if (shown.Count == 0) Console.Out.WriteLine("nothing is known: decisions are kept in memory, the latest of each kernel; the logs have them all");
        else foreach (var decision in shown) Show(decision!);
        return shown.Count == 0 ? ExitCodes.Failed : ExitCodes.Ok;
    }

    /// <summary>What is asked about.</summary>
    /// <exception cref="UserException">The number of the cell is none.</exception>
    internal static (string? Kernel, long? Execution) Read(string? about)
    {
        if (about?.Split('#', 2) is not [var kernel, var number]) return (about, null);
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var execution) && execution > 0
            ? (kernel, execution)
            : throw new UserException($"'{number}' is no number of a cell: ask for a kernel, or for KERNEL#N with the number that 'notebook status' shows", ExitCodes.Usage);
    }

    /// <summary>The kernel whose id begins so; one that has ended may still be known by its whole id.</summary>
    private static async Task<string> FindAsync(AdminClient admin, string asked, CancellationToken cancel)
    {
        var kernels = ((await admin.ClusterAsync(cancel))?["kernels"] as JsonArray ?? []).Select(k => (string)k!["id"]!).ToArray();
        var found = Array.FindAll(kernels, id => id.StartsWith(asked, StringComparison.Ordinal));
        return found switch
        {
            [var one] => one,
            [] when Guid.TryParseExact(asked, "D", out _) => asked,
            [] => throw new UserException($"no kernel's id begins with '{asked}': 'notebook status' shows which there are"),
            _ => throw new UserException($"'{asked}' begins the ids of {found.Length} kernels: say more of it"),
        };
    }

    private static void Show(JsonNode decision)
    {
        var cell = decision["execution"] is { } execution ? $" cell {execution}" : "";
        var policy = decision["policy"] is { } name ? $" ({name})" : "";
        var at = DateTimeOffset.Parse(decision["at"]!.ToString(), CultureInfo.InvariantCulture).ToLocalTime();
        Console.Out.WriteLine($"{at:HH:mm:ss.fff}  {decision["kind"]}{cell}{policy}: {decision["outcome"]}");
        Console.Out.WriteLine($"              because {decision["reason"]}");
        foreach (var considered in decision["considered"] as JsonArray ?? []) Console.Out.WriteLine($"              - {considered!["what"]}: {considered["verdict"]}");
    }
}
