using System.Collections.Immutable;
using System.CommandLine;
using Notebook.Grains.Kernels;
using Notebook.Hosting;

namespace Notebook.Cli.Platform;

/// <summary>How many kernels there may be, and when those are ended that nobody uses; what is null is as the silo has it.</summary>
/// <param name="IdleTimeout">After how long without use.</param>
/// <param name="Interval">How often they are looked at.</param>
/// <param name="Connected">Whether also those with clients.</param>
/// <param name="Busy">Whether also those whose cells run or wait.</param>
/// <param name="Most">Kernels at most.</param>
/// <param name="MostPerUser">Kernels of one user at most.</param>
internal sealed record UpKernels(string? IdleTimeout, string? Interval, bool Connected, bool Busy, int? Most, int? MostPerUser)
{
    /// <summary>As the silo has it.</summary>
    public static UpKernels Default { get; } = new(null, null, false, false, null, null);

    /// <summary>The same as arguments, for the silo and for <c>up</c> alike.</summary>
    public ImmutableArray<string> Arguments =>
    [
        .. IdleTimeout is { } idle ? (string[])["--cull-idle-timeout", idle] : [],
        .. Interval is { } interval ? (string[])["--cull-interval", interval] : [],
        .. Connected ? (string[])["--cull-connected"] : [],
        .. Busy ? (string[])["--cull-busy"] : [],
        .. Most is { } most ? (string[])["--max-kernels", $"{most}"] : [],
        .. MostPerUser is { } each ? (string[])["--max-kernels-per-user", $"{each}"] : [],
    ];

    /// <summary>Refuses what can never work, before anything is started.</summary>
    public void Check()
    {
        foreach (var (name, text) in new[] { ("--cull-idle-timeout", IdleTimeout), ("--cull-interval", Interval) })
        {
            if (text is not null && CullSettings.ParseTime(text) is null)
                throw new UserException($"{name} {text}: {CullSettings.KnownTimes}", ExitCodes.Usage);
        }

        if (Most < 1) throw new UserException($"--max-kernels {Most}: 1 or more", ExitCodes.Usage);
        if (MostPerUser < 0) throw new UserException($"--max-kernels-per-user {MostPerUser}: 0 (no limit) or more", ExitCodes.Usage);
    }
}

/// <summary>The options behind <see cref="UpKernels"/>.</summary>
internal sealed class UpKernelOptions
{
    private readonly Option<string?> _idle = new("--cull-idle-timeout") { Description = "After how long without use a kernel is ended for good; 0 for never.", HelpName = "TIME" };
    private readonly Option<string?> _interval = new("--cull-interval") { Description = "How often kernels are looked at for that.", HelpName = "TIME" };
    private readonly Option<bool> _connected = new("--cull-connected") { Description = "Also kernels that have clients." };
    private readonly Option<bool> _busy = new("--cull-busy") { Description = "Also kernels whose cells run or wait." };
    private readonly Option<int?> _most = new("--max-kernels") { Description = "Kernels at most.", HelpName = "N" };
    private readonly Option<int?> _mostPerUser = new("--max-kernels-per-user") { Description = "Kernels of one user at most; 0 for no limit.", HelpName = "N" };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public UpKernelOptions(Command command)
    {
        foreach (var option in (Option[])[_idle, _interval, _connected, _busy, _most, _mostPerUser]) command.Add(option);
    }

    /// <summary>What was said.</summary>
    public UpKernels Read(ParseResult parsed) => new(
        parsed.GetValue(_idle), parsed.GetValue(_interval), parsed.GetValue(_connected), parsed.GetValue(_busy),
        parsed.GetValue(_most), parsed.GetValue(_mostPerUser));
}
