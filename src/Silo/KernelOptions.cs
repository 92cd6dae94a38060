using System.CommandLine;
using Notebook.Grains.Cluster;
using Notebook.Grains.Kernels;
using Notebook.Hosting;

namespace Notebook.Silo;

/// <summary>The options on how many kernels there may be, and when those are ended that nobody uses.</summary>
internal sealed class KernelOptions
{
    private readonly Option<string> _idle = new("--cull-idle-timeout")
    {
        Description = "After how long without use a kernel is ended for good, such as 12h; 0 for never.",
        HelpName = "TIME",
        DefaultValueFactory = _ => "0",
    };

    private readonly Option<string> _interval = new("--cull-interval")
    {
        Description = "How often kernels are looked at for that.",
        HelpName = "TIME",
        DefaultValueFactory = _ => "5m",
    };

    private readonly Option<bool> _connected = new("--cull-connected") { Description = "Also kernels that have clients." };
    private readonly Option<bool> _busy = new("--cull-busy") { Description = "Also kernels whose cells run or wait." };

    private readonly Option<int> _all = new("--max-kernels")
    {
        Description = "Kernels at most.",
        HelpName = "N",
        DefaultValueFactory = _ => KernelLimits.Default.All,
    };

    private readonly Option<int> _perUser = new("--max-kernels-per-user")
    {
        Description = "Kernels of one user at most; 0 for no limit.",
        HelpName = "N",
        DefaultValueFactory = _ => KernelLimits.Default.PerUser,
    };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public KernelOptions(Command command)
    {
        foreach (var option in (Option[])[_idle, _interval, _connected, _busy, _all, _perUser]) command.Add(option);
    }

    /// <summary>What they amount to.</summary>
    /// <exception cref="UserException">One of them makes no sense.</exception>
    public (CullSettings Culling, KernelLimits Limits) Read(ParseResult parsed)
    {
        var culling = new CullSettings(Time(parsed, _idle), Time(parsed, _interval), parsed.GetValue(_connected), parsed.GetValue(_busy));
        var limits = new KernelLimits(parsed.GetValue(_all), parsed.GetValue(_perUser));
        return (culling.Fault ?? limits.Fault) is { } fault ? throw new UserException(fault, ExitCodes.Usage) : (culling, limits);
    }

    private static TimeSpan Time(ParseResult parsed, Option<string> option) => CullSettings.ParseTime(parsed.GetRequiredValue(option))
        ?? throw new UserException($"{option.Name} {parsed.GetValue(option)}: it must be {CullSettings.KnownTimes}", ExitCodes.Usage);
}
