using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Platform;

/// <summary>A test that is skipped, with a message, where there is no JupyterLab 4 that <c>notebook test</c> has made, or no browser for it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RequiresJupyterLabFact : FactAttribute
{
    public RequiresJupyterLabFact()
    {
        if (!File.Exists(Path.Combine(Folder, "made"))) Skip = "JupyterLab 4 is not there: './notebook test' makes it with npm, and says so when it cannot";
        else Skip = Missing("selenium", "python3-selenium and chromium-driver") ?? Missing("jupyterlab_server", "python3-jupyterlab-server");
    }

    /// <summary>Where it lies.</summary>
    public static string Folder => Built.File("artifacts", "jupyterlab");

    private static string? Missing(string module, string package) => new RequiresModuleFact(module, package).Skip;
}
