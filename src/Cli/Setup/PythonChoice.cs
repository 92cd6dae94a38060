using System.Collections.Immutable;

namespace Notebook.Cli.Setup;

/// <summary>A Python that was looked at.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Runs">Whether it could be run at all.</param>
/// <param name="HasIpykernel">Whether it has ipykernel.</param>
internal sealed record PythonFinding(string Path, bool Runs, bool HasIpykernel);

/// <summary>What this machine lets us do.</summary>
/// <param name="IsRoot">Whether we may install packages.</param>
/// <param name="HasApt">Whether it is a Debian or one of its kind.</param>
/// <param name="VenvPython">A Python that could make a virtual environment; null where none is.</param>
internal sealed record MachineMeans(bool IsRoot, bool HasApt, string? VenvPython);

/// <summary>How to come to a Python that can run kernels.</summary>
internal abstract record PythonDecision
{
    /// <summary>Use these, best first.</summary>
    public sealed record Use(ImmutableArray<string> Interpreters) : PythonDecision;

    /// <summary>Install Debian's ipykernel, then look again.</summary>
    public sealed record InstallFromDebian : PythonDecision;

    /// <summary>Make a virtual environment with ipykernel in it.</summary>
    /// <param name="Python">With this Python.</param>
    public sealed record MakeVenv(string Python) : PythonDecision;

    /// <summary>Nothing can be done from here.</summary>
    /// <param name="Reason">What to tell the person.</param>
    public sealed record Refuse(string Reason) : PythonDecision;
}

/// <summary>
/// Decides which Pythons run kernels. Those that the user named must work, or the start is refused: a kernel that runs
/// in another Python than the one asked for is worse than none. Otherwise the system's first, then whatever has ipykernel.
/// </summary>
internal static class PythonChoice
{
    /// <summary>What to do, by what was named, what was found and what can be done.</summary>
    public static PythonDecision Decide(
        ImmutableArray<PythonFinding> named, ImmutableArray<PythonFinding> found, MachineMeans means)
    {
        if (named.FirstOrDefault(p => !p.Runs) is { } missing)
            return new PythonDecision.Refuse($"--python {missing.Path} cannot be run: name a Python interpreter, such as /home/me/env/bin/python");
        if (named.FirstOrDefault(p => !p.HasIpykernel) is { } bare)
            return new PythonDecision.Refuse($"--python {bare.Path} has no ipykernel: install it with '{bare.Path} -m pip install ipykernel'");
        if (!named.IsEmpty) return new PythonDecision.Use([.. named.Select(p => p.Path)]);

        if (found.FirstOrDefault(p => p is { Runs: true, HasIpykernel: true }) is { } first) return new PythonDecision.Use([first.Path]);
        if (means is { IsRoot: true, HasApt: true }) return new PythonDecision.InstallFromDebian();
        if (means.VenvPython is { } python) return new PythonDecision.MakeVenv(python);
        return new PythonDecision.Refuse(means.HasApt
            ? "no Python with ipykernel was found: run 'apt-get install python3-ipykernel libzmq5' as root, or name one with --python PATH"
            : "no Python with ipykernel was found: install Python 3.9 or later with 'pip install ipykernel', and name it with --python PATH");
    }
}
