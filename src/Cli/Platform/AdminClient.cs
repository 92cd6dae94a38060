using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Hosting;

namespace Notebook.Cli.Platform;

/// <summary>Asks the silo what it knows, and tells it what the operator wants: the routes under <c>/admin</c>.</summary>
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

    /// <summary>The last decisions about a kernel, or about servers when it is null; oldest first.</summary>
    /// <exception cref="UserException">The silo gives no answer.</exception>
    public async Task<JsonArray> ExplainAsync(string? kernel, CancellationToken cancel)
    {
        try
        {
            var path = kernel is null ? "admin/explain" : $"admin/explain/{Uri.EscapeDataString(kernel)}";
            return JsonNode.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative), cancel)) as JsonArray ?? [];
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            throw new UserException($"the silo at {silo} does not answer: {e.Message}");
        }
    }

    /// <summary>Has a server emptied, or used again.</summary>
    /// <returns>How that stands.</returns>
    /// <exception cref="UserException">There is no such server, or the silo gives no answer.</exception>
    public async Task<JsonObject> DrainAsync(string server, bool drain, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(
            drain ? HttpMethod.Post : HttpMethod.Delete, new Uri($"admin/servers/{Uri.EscapeDataString(server)}/drain", UriKind.Relative));
        try
        {
            using var response = await _http.SendAsync(request, cancel);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancel)) as JsonObject;
            if (response.IsSuccessStatusCode && answer is not null) return answer;
            throw new UserException((string?)answer?["message"] ?? $"the silo at {silo} answered {(int)response.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            throw new UserException($"the silo at {silo} does not answer: {e.Message}");
        }
    }

    public void Dispose() => _http.Dispose();
}
