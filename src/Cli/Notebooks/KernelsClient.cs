using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notebook.Hosting;

namespace Notebook.Cli.Notebooks;

/// <summary>The gateway's kernels over REST.</summary>
internal sealed class KernelsClient(Uri gateway, string token) : IDisposable
{
    private readonly HttpClient _http = new()
    {
        BaseAddress = gateway,
        Timeout = TimeSpan.FromSeconds(60),
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("token", token) },
    };

    /// <summary>Starts a kernel; gives its id.</summary>
    /// <param name="name">Name of the kernelspec.</param>
    /// <param name="directory">Where its code starts.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="environment">What else its <c>env</c> says, or says otherwise; null for nothing.</param>
    public async Task<string> StartAsync(string name, string directory, CancellationToken cancel, IReadOnlyDictionary<string, string>? environment = null)
    {
        var env = new Dictionary<string, string> { ["KERNEL_WORKING_DIR"] = directory, ["KERNEL_USERNAME"] = Environment.UserName };
        foreach (var (variable, value) in environment ?? ImmutableDictionary<string, string>.Empty) env[variable] = value;
        var body = new { name, env };
        using var response = await SendAsync(() => _http.PostAsJsonAsync(new Uri("api/kernels", UriKind.Relative), body, cancel));
        var answer = await ReadAsync(response, cancel);
        if (response.StatusCode != HttpStatusCode.Created)
            throw new UserException($"the gateway did not start a kernel '{name}': {Reason(response, answer)}");
        return NotebookDocument.Text(answer?["id"]) ?? throw new UserException("the gateway's answer names no kernel");
    }

    /// <summary>The ids of the kernels that run.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancel)
    {
        using var response = await SendAsync(() => _http.GetAsync(new Uri("api/kernels", UriKind.Relative), cancel));
        var answer = await ReadAsync(response, cancel);
        if (!response.IsSuccessStatusCode || answer is not JsonArray kernels) throw new UserException($"the gateway did not list its kernels: {Reason(response, answer)}");
        return [.. kernels.Select(k => NotebookDocument.Text(k?["id"])).OfType<string>()];
    }

    /// <summary>The kernelspecs that kernels can be started of, by name.</summary>
    public async Task<JsonObject> SpecsAsync(CancellationToken cancel)
    {
        using var response = await SendAsync(() => _http.GetAsync(new Uri("api/kernelspecs", UriKind.Relative), cancel));
        var answer = await ReadAsync(response, cancel);
        return response.IsSuccessStatusCode && answer?["kernelspecs"] is JsonObject specs
            ? specs
            : throw new UserException($"the gateway did not list its kernelspecs: {Reason(response, answer)}");
    }

    /// <summary>Has a kernel's ZMQ ports opened; gives what its connection file says.</summary>
    public async Task<JsonObject> ConnectAsync(string kernel, CancellationToken cancel)
    {
        using var response = await SendAsync(() => _http.PostAsync(Connect(kernel), null, cancel));
        var answer = await ReadAsync(response, cancel);
        return response.IsSuccessStatusCode && answer is JsonObject connection
            ? connection
            : throw new UserException($"the gateway did not open the ports of kernel {kernel}: {Reason(response, answer)}");
    }

    /// <summary>Has a kernel's ZMQ ports closed.</summary>
    /// <returns>False when none were open.</returns>
    public async Task<bool> DisconnectAsync(string kernel, CancellationToken cancel)
    {
        using var response = await SendAsync(() => _http.DeleteAsync(Connect(kernel), cancel));
        if (response.StatusCode == HttpStatusCode.NotFound) return false;
        return response.IsSuccessStatusCode ? true
            : throw new UserException($"the gateway did not close the ports of kernel {kernel}: {Reason(response, await ReadAsync(response, cancel))}");
    }

    /// <summary>The kernel's state (<c>idle</c>, <c>busy</c>, ...); null when the gateway does not know the kernel, or cannot be reached.</summary>
    public async Task<string?> StateAsync(string kernel, CancellationToken cancel)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri($"api/kernels/{kernel}", UriKind.Relative), cancel);
            return response.IsSuccessStatusCode ? NotebookDocument.Text((await ReadAsync(response, cancel))?["execution_state"]) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Ends a kernel. That it is gone already, or the gateway with it, is no fault.</summary>
    public async Task EndAsync(string kernel)
    {
        try
        {
            using var response = await _http.DeleteAsync(new Uri($"api/kernels/{kernel}", UriKind.Relative));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"the kernel {kernel} could not be ended: {e.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static Uri Connect(string kernel) => new($"api/kernels/{kernel}/connect", UriKind.Relative);

    private async Task<HttpResponseMessage> SendAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            return await send();
        }
        catch (HttpRequestException e)
        {
            throw new UserException($"the gateway at {_http.BaseAddress} cannot be reached: {e.Message} ('notebook status' shows what runs)");
        }
    }

    private static async Task<JsonNode?> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            return JsonNode.Parse(await response.Content.ReadAsStringAsync(cancel));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Reason(HttpResponseMessage response, JsonNode? answer) =>
        NotebookDocument.Text(answer?["message"]) ?? NotebookDocument.Text(answer?["reason"]) ?? $"HTTP {(int)response.StatusCode}";
}
