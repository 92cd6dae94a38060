using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Bench.CellLatency;

/// <summary>The platform under measurement: one that runs already, or one of our own that ends with the benchmark.</summary>
internal sealed class NotebookApi : IAsyncDisposable
{
    private readonly NotebookPlatform? _own;

    private NotebookApi(JupyterApi api, NotebookPlatform? own) => (Api, _own) = (api, own);

    public JupyterApi Api { get; }

    /// <summary>The pre-warmed processes of each server that can be seen; null for a platform that is not our own.</summary>
    public async Task<IReadOnlyList<int>?> WarmAsync() =>
        _own is null ? null : [.. (await _own.StatusAsync()).Servers.Select(s => s.Warm)];

    public static async Task<NotebookApi> OpenAsync(string? url)
    {
        if (url is null)
        {
            await Console.Error.WriteLineAsync("bringing a platform up (--url takes one that runs)");
            var own = await NotebookPlatform.UpAsync();
            return new(own.Api, own);
        }

        var address = new Uri(url);
        var token = address.Query.TrimStart('?').Split('&')
            .FirstOrDefault(p => p.StartsWith("token=", StringComparison.Ordinal))?["token=".Length..];
        return new(new JupyterApi(new Uri(address.GetLeftPart(UriPartial.Path)), token), null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_own is not null) await _own.DisposeAsync();
        else Api.Dispose();
    }
}
