using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Hosting;

namespace Notebook.Cli.Platform;

/// <summary>Asks the silo what it knows: <c>GET /admin/cluster</c>.</summary>
internal sealed class AdminClient(Uri silo, string token) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        BaseAddress = silo,
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 256 << 20,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    /// <summary>Servers, kernels, cells and queue; null while the silo cannot be reached.</summary>
    public async Task<JsonObject?> ClusterAsync(CancellationToken cancel)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri("admin/cluster", UriKind.Relative), cancel);
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new UserException($"the silo at {silo} refused the token of this data directory: was it started with another --data?");
            return response.IsSuccessStatusCode
                ? JsonNode.Parse(await response.Content.ReadAsStringAsync(cancel)) as JsonObject
                : null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
