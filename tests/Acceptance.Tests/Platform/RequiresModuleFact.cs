using System.Diagnostics;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Platform;

/// <summary>A test that is skipped, with a message, where the Python lacks a module.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresModuleFact : FactAttribute
{
    /// <param name="module">The module, such as <c>torch</c>.</param>
    /// <param name="package">The Debian package that has it.</param>
    public RequiresModuleFact(string module, string package)
    {
        if (!Has(module)) Skip = $"{Command.Python} has no module '{module}' (Debian: {package})";
    }

    private static bool Has(string module)
    {
        var check = $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)";
        using var process = Process.Start(Command.Python, ["-c", check]);
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
