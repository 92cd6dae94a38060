using Notebook.Simulator.Runs;

namespace Notebook.Cli.Simulation;

/// <summary>Reads <c>--faults</c>: what goes wrong in a run, and how often.</summary>
internal static class FaultChoice
{
    private const double RateMax = 3_600;

    // Rates are per simulated hour, shares of what is done.
    private static readonly (string Name, double Most, Func<FaultModel, double, FaultModel> With)[] s_faults =
    [
        ("silo-crashes", RateMax, (model, rate) => model with { SiloCrashes = rate }),
        ("server-crashes", RateMax, (model, rate) => model with { ServerCrashes = rate }),
        ("process-crashes", RateMax, (model, rate) => model with { ProcessCrashes = rate }),
        ("link-breaks", RateMax, (model, rate) => model with { LinkBreaks = rate }),
        ("storage-failures", 0.5, (model, share) => model with { StorageFailures = share }),
        ("lost-calls", 0.5, (model, share) => model with { LostCalls = share }),
        ("repeated-calls", 1, (model, share) => model with { RepeatedCalls = share }),
        ("late-calls", 1, (model, share) => model with { LateCalls = share }),
    ];

    /// <summary>What there is, for the help.</summary>
    public static string Names { get; } = string.Join(", ", s_faults.Select(fault => fault.Name));

    /// <summary>Reads <c>all</c> or <c>NAME=RATE</c>, several with commas between; what stands behind goes before.</summary>
    public static FaultModel Read(string option, string? text)
    {
        var model = new FaultModel();
        foreach (var part in text?.Split(',') ?? [])
        {
            if (part == "all")
            {
                model = FaultModel.Everything;
                continue;
            }

            if (part.Split('=') is not [var name, var number] || s_faults.FirstOrDefault(fault => fault.Name == name) is not { With: { } with } fault)
                throw OptionText.Usage($"{option} {part}: all, or NAME=RATE of {Names}");
            model = with(model, OptionText.Number(number, 0, fault.Most)
                ?? throw OptionText.Usage(FormattableString.Invariant($"{option} {part}: a number from 0 to {fault.Most}")));
        }

        return model;
    }
}
