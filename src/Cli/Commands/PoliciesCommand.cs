using System.CommandLine;
using System.Text.Json.Nodes;
using Notebook.Grains.Policies.Catalog;
using Notebook.Grains.Regimes;
using Notebook.Hosting;
using Spectre.Console;

namespace Notebook.Cli.Commands;

/// <summary><c>notebook policies</c>: what can be picked with <c>up --policy</c>. It asks nobody, and starts nothing.</summary>
internal sealed class PoliciesCommand
{
    private readonly Option<string?> _policies = new("--policies") { Description = "Folder with policy plug-ins to look at too.", HelpName = "FOLDER" };
    private readonly Option<bool> _json = new("--json") { Description = "As JSON, for programs." };

    /// <summary>Builds the command.</summary>
    public Command Build()
    {
        var command = new Command("policies", "List the policies that 'up --policy KIND=NAME' can pick.") { _policies, _json };
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        var catalog = PolicyCatalog.Open(parsed.GetValue(_policies));
        if (parsed.GetValue(_json)) Console.Out.WriteLine(Report(catalog).ToJsonString(Json.Options));
        else AnsiConsole.Write(Screen(catalog));
        foreach (var fault in catalog.Faults) Console.Error.WriteLine(fault);
        return catalog.Faults.IsEmpty ? ExitCodes.Ok : ExitCodes.Failed;
    }

    /// <summary>What <c>--json</c> prints. Programs read it: fields are added, never renamed.</summary>
    internal static JsonObject Report(PolicyCatalog catalog) => new()
    {
        ["policies"] = new JsonArray([.. catalog.All.Select(policy => (JsonNode)new JsonObject
        {
            ["kind"] = policy.Kind.Name,
            ["name"] = policy.Name,
            ["option"] = policy.Option,
            ["origin"] = policy.Origin,
            ["default"] = policy.IsDefault,
            ["description"] = policy.Description,
        })]),
        ["regimes"] = new JsonArray([.. KnownRegimes.All.Select(regime => (JsonNode)new JsonObject
        {
            ["name"] = regime.Name,
            ["default"] = regime == KnownRegimes.Default,
            ["description"] = regime.Description,
            ["replicas"] = regime.ReplicasPerKernel,
            ["gpus"] = Held(regime),
            ["fresh_processes"] = regime.FreshProcesses,
            ["policies"] = new JsonArray([.. regime.Policies.Select(policy => JsonValue.Create(policy))]),
        })]),
        ["faults"] = new JsonArray([.. catalog.Faults.Select(fault => JsonValue.Create(fault))]),
    };

    private static Rows Screen(PolicyCatalog catalog) => new(Policies(catalog), new Padder(Regimes(), new Padding(0, 1, 0, 0)));

    private static Table Policies(PolicyCatalog catalog)
    {
        var table = NewTable("kind", "name (* by default)", "from", "what it does");
        foreach (var policy in catalog.All)
        {
            table.AddRow(
                new Text(policy.Kind.Name), new Text($"{policy.Form}{(policy.IsDefault ? "*" : "")}"), new Text(policy.Origin), new Text(policy.Description));
        }

        return table;
    }

    private static Table Regimes()
    {
        var table = NewTable("regime (* by default)", "replicas", "GPUs", "process", "policies", "what it does");
        foreach (var regime in KnownRegimes.All)
        {
            table.AddRow(
                new Text($"{regime.Name}{(regime == KnownRegimes.Default ? "*" : "")}"), new Text($"{regime.ReplicasPerKernel}"), new Text($"of a {Held(regime)}"),
                new Text(regime.FreshProcesses ? "of a cell" : "of a kernel"),
                new Text(string.Join(' ', regime.Policies)), new Text(regime.Description));
        }

        return table;
    }

    private static Table NewTable(params string[] columns)
    {
        var table = new Table().Border(TableBorder.None).AddColumns(columns);
        foreach (var column in table.Columns.SkipLast(1)) column.NoWrap().PadRight(2);
        return table;
    }

    private static string Held(Regime regime) => regime.Gpus.ToString().ToLowerInvariant();
}
