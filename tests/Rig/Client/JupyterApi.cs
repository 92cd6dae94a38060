using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Notebook.Rig.Client;

/// <summary>The REST side of a Jupyter server or gateway.</summary>
public sealed class JupyterApi : IDisposable
{
    private readonly HttpClient _http;
    private readonly string? _token;

    /// <param name="address">Such as <c>http://127.0.0.1:8888/</c>.</param>
    /// <param name="token">Sent with every request; null for none.</param>
    public JupyterApi(Uri address, string? token)
    {
        _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
        _token = token;
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", token);
    }

    public Uri Address => _http.BaseAddress!;

    /// <summary>Sends a request; the answer may be any status.</summary>
    public async Task<(int Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>Starts a kernel.</summary>
    /// <param name="name">Its kernelspec.</param>
    /// <param name="options">What else the request says; null for nothing.</param>
    /// <returns>Its id.</returns>
    public async Task<string> StartKernelAsync(string name = "python3", JsonObject? options = null)
    {
        var request = options ?? [];
        request["name"] = name;
        var (status, body) = await SendAsync(HttpMethod.Post, "api/kernels", request.ToJsonString());
        return status == 201
            ? body!["id"]!.GetValue<string>()
            : throw new InvalidOperationException($"POST /api/kernels answered {status}: {body?.ToJsonString()}");
    }

    public Task<(int Status, JsonNode? Body)> DeleteKernelAsync(string kernel) => SendAsync(HttpMethod.Delete, $"api/kernels/{kernel}");

    /// <summary>Opens a kernel's channels.</summary>
    public Task<WebSocketTransport> OpenAsync(string kernel, string sessionId, Framing framing = Framing.V1)
    {
        var address = new UriBuilder(new Uri(Address, $"api/kernels/{kernel}/channels?session_id={sessionId}")) { Scheme = "ws" };
        return WebSocketTransport.ConnectAsync(address.Uri, framing, _token);
    }

    /// <summary>Opens a kernel's channels as one client.</summary>
    public async Task<KernelSession> ConnectAsync(string kernel, string? sessionId = null, Framing framing = Framing.V1)
    {
        var session = sessionId ?? Guid.NewGuid().ToString("N");
        return new KernelSession(await OpenAsync(kernel, session, framing), session);
    }

    public void Dispose() => _http.Dispose();
}
