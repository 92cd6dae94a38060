using System.Security.Cryptography;
using System.Text;
using Notebook.Gateway.Kernels;

namespace Notebook.Gateway.Outputs;

/// <summary>
/// Outputs that were too large for a client, in files: what <c>GET /api/kernels/{id}/outputs/{name}</c> gives. They outlive
/// their kernel, as the notebooks that name them do; the oldest go when all together are more than
/// <see cref="GatewayOptions.KeptOutputBytes"/>.
/// </summary>
internal sealed partial class KeptOutputs(GatewayOptions options, ILogger<KeptOutputs> log) : IDisposable
{
    private const string Suffix = ".json";
    private readonly SemaphoreSlim _changing = new(1);

    /// <summary>Keeps an output's content.</summary>
    /// <returns>Its name; null where it cannot be kept.</returns>
    public async Task<string?> KeepAsync(KernelId kernel, OutMessage message)
    {
        if (message.Parts.Content.Length > options.KeptOutputBytes) return null;
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Id))[..16]);
        await _changing.WaitAsync();
        try
        {
            var file = FileOf(kernel, name);
            if (File.Exists(file)) return name;   // for another client
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            Shrink(options.KeptOutputBytes - message.Parts.Content.Length);
            await File.WriteAllBytesAsync(file, message.Parts.Content);
            return name;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            LogNotKept(kernel, e.Message);
            return null;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>An output's content; null where there is none of that name.</summary>
    public byte[]? Find(KernelId kernel, string name)
    {
        if (name.Length != 32 || !name.All(char.IsAsciiHexDigitLower) || !IsPlain(kernel)) return null;
        try
        {
            return File.ReadAllBytes(FileOf(kernel, name));
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose() => _changing.Dispose();

    private void Shrink(long bytes)
    {
        if (!Directory.Exists(options.OutputsFolder)) return;
        var files = new DirectoryInfo(options.OutputsFolder).EnumerateFiles($"*{Suffix}", SearchOption.AllDirectories).OrderByDescending(f => f.LastWriteTimeUtc);
        foreach (var file in files)
        {
            bytes -= file.Length;
            if (bytes < 0) file.Delete();
        }
    }

    // An id is a part of a path here, and comes by URL.
    private static bool IsPlain(KernelId kernel) => kernel.Value.All(c => char.IsLetterOrDigit(c) || c is '-' or '_');

    private string FolderOf(KernelId kernel) => Path.Combine(options.OutputsFolder, kernel.Value);

    private string FileOf(KernelId kernel, string name) => Path.Combine(FolderOf(kernel), name + Suffix);

    [LoggerMessage(EventId = 5421, Level = LogLevel.Warning, Message = "Kernel {Kernel}: an output that is too large for a client cannot be kept: {Reason}")]
    private partial void LogNotKept(KernelId kernel, string reason);
}
