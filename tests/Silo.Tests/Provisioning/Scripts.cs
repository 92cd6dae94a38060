using Notebook.Hosting;
using Notebook.Hosting.Processes;

namespace Notebook.Silo.Tests.Provisioning;

/// <summary>A folder of a test's own, with small shell programs in the place of agents and operators' commands.</summary>
internal sealed class Scripts : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("notebook-provision-").FullName;

    public DataDirectory Data => new(Path.Combine(_folder, "data"));

    public string InFolder(string name) => Path.Combine(_folder, name);

    /// <summary>An executable shell script.</summary>
    public string Write(string name, string text)
    {
        var path = InFolder(name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    /// <summary>The process whose number a script writes to this file, once it has.</summary>
    public async Task<ProcessIdentity> ProcessIn(string name)
    {
        ProcessIdentity? process = null;
        await Waiting.Until(
            () => File.Exists(InFolder(name)) && int.TryParse(File.ReadAllText(InFolder(name)), out var pid) && (process = ProcessIdentity.Of(pid)) is not null,
            $"a process's number in {name}");
        return process!;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
