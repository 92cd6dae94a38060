namespace Notebook.Cli.Setup;

/// <summary>
/// Builds projects of the clone in Release. A compiler server of its own compiles them all, which takes half the time of a
/// compiler for each project, and ends with the build: nothing stays behind.
/// </summary>
internal sealed class ProjectBuild(Installation installation, TimeProvider time)
{
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(20);

    /// <summary>Builds a project or a solution with all that it references.</summary>
    /// <param name="path">Its file, relative to the clone.</param>
    /// <param name="cancel">Ends the build.</param>
    /// <param name="properties">As MSBuild takes them: <c>-p:Name=value</c>.</param>
    public async Task<ProgramResult> RunAsync(string path, CancellationToken cancel, params string[] properties)
    {
        var file = Path.Combine(installation.Root, path);
        var server = $"notebook-{Environment.ProcessId}";
        try
        {
            return await Programs.RunAsync(
                installation.Dotnet,
                [
                    "build", file, "-c", "Release", "-m:2", "-nodeReuse:false", "-v", "q", "--nologo",
                    "-p:UseSharedCompilation=true", $"-p:SharedCompilationId={server}", .. properties,
                ],
                Within, time, cancel);
        }
        finally
        {
            await EndServerAsync(server);
        }
    }

    private async Task EndServerAsync(string server)
    {
        var sdk = await Programs.RunAsync(
            installation.Dotnet,
            ["msbuild", Path.Combine(installation.Root, "src", "Cli", "Cli.csproj"), "-getProperty:MSBuildToolsPath"],
            EndWithin, time, CancellationToken.None);
        var compiler = Path.Combine(sdk.LastLine, "Roslyn", "bincore", "VBCSCompiler.dll");
        await Programs.RunAsync(installation.Dotnet, ["exec", compiler, "-shutdown", $"-pipename:{server}"], EndWithin, time, CancellationToken.None);
    }
}
