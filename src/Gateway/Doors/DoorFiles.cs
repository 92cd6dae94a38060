using Notebook.Hosting;
using Notebook.JupyterWire;

namespace Notebook.Gateway.Doors;

/// <summary>
/// The doors' connection files, for the gateway that is started next: clients keep the ports and the key that they were
/// given. Keys are in them, so they are for their owner's eyes only.
/// </summary>
/// <param name="folder">The folder; made when it is needed.</param>
internal sealed class DoorFiles(string folder)
{
    private const string Prefix = "kernel-";
    private const string Suffix = ".json";

    /// <summary>The kernels that have doors, each with its connection, or what is wrong with its file.</summary>
    public IEnumerable<(KernelId Kernel, KernelConnection? Connection, string? Fault)> All()
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var path in Directory.EnumerateFiles(folder, $"{Prefix}*{Suffix}").ToArray())
        {
            var kernel = new KernelId(Path.GetFileName(path)[Prefix.Length..^Suffix.Length]);
            KernelConnection? connection = null;
            string? fault = null;
            try
            {
                connection = KernelConnection.Parse(File.ReadAllBytes(path));
            }
            catch (Exception e) when (e is JupyterFormatException or IOException or UnauthorizedAccessException)
            {
                fault = $"{path}: {e.Message}";
            }

            yield return (kernel, connection, fault);
        }
    }

    public void Write(KernelId kernel, KernelConnection connection)
    {
        Directory.CreateDirectory(folder);
        DataDirectory.WriteSecret(PathOf(kernel), connection.ToJson());
    }

    public void Remove(KernelId kernel) => File.Delete(PathOf(kernel));

    private string PathOf(KernelId kernel) => Path.Combine(folder, $"{Prefix}{kernel}{Suffix}");
}
