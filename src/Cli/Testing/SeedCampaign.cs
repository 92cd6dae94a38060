using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Notebook.Cli.Setup;
using Notebook.Hosting;

namespace Notebook.Cli.Testing;

/// <summary>
/// A campaign: many seeds of a simulation, in a process of its own (<c>tests/Campaigns</c>), so that the platform's command
/// holds no test code, and one kill ends all of it.
/// </summary>
/// <param name="kind">Of which simulation.</param>
/// <param name="command">The program and what stands before the first seed and the number of seeds.</param>
/// <param name="time">For its pace.</param>
/// <param name="cancel">Ends it at once.</param>
internal sealed class SeedCampaign(CampaignKind kind, IReadOnlyList<string> command, TimeProvider time, CancellationToken cancel)
{
    /// <summary>Builds the simulation.</summary>
    /// <exception cref="UserException">It does not build.</exception>
    public static async Task<SeedCampaign> BuildAsync(CampaignKind kind, Installation installation, TimeProvider time, CancellationToken cancel)
    {
        var build = await new ProjectBuild(installation, time).RunAsync(Path.Combine("tests", "Campaigns", "Campaigns.csproj"), cancel);
        if (!build.Succeeded) throw new UserException($"the simulation does not build: {build.LastLine}");
        var assembly = Path.Combine(installation.Root, "artifacts", "bin", "Campaigns", "release", "Notebook.Campaigns.dll");
        return new SeedCampaign(kind, [installation.Dotnet, assembly, kind.Name], time, cancel);
    }

    /// <summary>Runs it until a seed fails, all have passed, or it is cancelled.</summary>
    /// <param name="firstSeed">The first seed.</param>
    /// <param name="seeds">How many.</param>
    /// <param name="show">Called after each seed that passed.</param>
    /// <exception cref="UserException">The process ended before it was done.</exception>
    public async Task<CampaignResult> RunAsync(int firstSeed, int seeds, Action<CampaignPace> show)
    {
        var info = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in command.Skip(1)) info.ArgumentList.Add(argument);
        info.ArgumentList.Add(firstSeed.ToString(CultureInfo.InvariantCulture));
        info.ArgumentList.Add(seeds.ToString(CultureInfo.InvariantCulture));
        var start = time.GetTimestamp();
        using var process = Start(info);
        using var stop = cancel.Register(process.Kill);

        CampaignPace Pace(int passed) => new(passed, seeds, time.GetElapsedTime(start));
        var last = new CampaignLine(0, null);
        while (last.Failure is null && await process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } text)
        {
            last = CampaignLine.Read(text);
            show(Pace(last.Passed));
        }

        var result = new CampaignResult(kind, firstSeed, Pace(last.Passed), last.Failure);
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        if (result.IsStopped && !cancel.IsCancellationRequested)
            throw new UserException($"the campaign's process ended with exit code {process.ExitCode} after {last.Passed} of {seeds} seeds; what it printed is above");
        return result;
    }

    private static Process Start(ProcessStartInfo info)
    {
        try
        {
            return Process.Start(info)!;
        }
        catch (Win32Exception e)
        {
            throw new UserException($"the campaign did not start: {e.Message}");
        }
    }
}
