using System.Net;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Notebook.Acceptance.Tests.Platform;
using Notebook.Rig.Client;

namespace Notebook.Acceptance.Tests.BadInput;

/// <summary>Refusals over HTTP: the right status, and Jupyter's error body with a reason.</summary>
public class HttpTests(PlatformFixture fixture, ITestOutputHelper output) : PlatformTest(fixture, output)
{
    private const string Nowhere = "00000000-0000-0000-0000-000000000000";

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("POST", "/interrupt")]
    [InlineData("POST", "/restart")]
    public async Task An_unknown_kernel_is_not_found(string method, string rest)
    {
        var (status, body) = await Api.SendAsync(new HttpMethod(method), $"api/kernels/{Nowhere}{rest}", method == "POST" ? "{}" : null);

        Assert.Equal(404, status);
        Assert.Contains(Nowhere, Message(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Channels_of_an_unknown_kernel_are_not_found() => Assert.Equal(HttpStatusCode.NotFound, await UpgradeAsync(Platform.Token));

    [Theory]
    [InlineData("wrong")]
    [InlineData(null)]
    public async Task A_wrong_or_missing_token_is_refused(string? token)
    {
        using var api = new JupyterApi(Platform.Address, token);

        foreach (var path in (string[])["api/kernels", "api/kernelspecs", "api/status"])
        {
            var (status, body) = await api.SendAsync(HttpMethod.Get, path);
            Assert.True(status is 401 or 403, $"{path}: {status}");
            Assert.NotEqual("", Message(body));
        }

        Assert.Contains(await UpgradeAsync(token), (HttpStatusCode[])[HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden]);
    }

    [Fact]
    public async Task An_unknown_kernelspec_is_refused_by_name()
    {
        var (status, body) = await Api.SendAsync(HttpMethod.Post, "api/kernels", """{"name": "no-such-spec"}""");

        Assert.InRange(status, 400, 500);
        Assert.Contains("no-such-spec", Message(body), StringComparison.Ordinal);
        Assert.Equal(404, (await Api.SendAsync(HttpMethod.Get, "api/kernelspecs/no-such-spec")).Status);
    }

    [Theory]
    [InlineData("{ no json")]
    [InlineData("[]")]
    [InlineData("""{"name": 5}""")]
    [InlineData("""{"env": "no object"}""")]
    public async Task A_malformed_request_is_a_bad_request(string body)
    {
        var (status, answer) = await Api.SendAsync(HttpMethod.Post, "api/kernels", body);

        Assert.Equal(400, status);
        Assert.NotEqual("", Message(answer));
    }

    private static string Message(JsonNode? body) => body?["message"]?.GetValue<string>() ?? "";

    /// <summary>The status with which a WebSocket to a kernel that does not exist is refused.</summary>
    private async Task<HttpStatusCode> UpgradeAsync(string? token)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (token is not null) socket.Options.SetRequestHeader("Authorization", $"token {token}");
        var address = new UriBuilder(new Uri(Platform.Address, $"api/kernels/{Nowhere}/channels")) { Scheme = "ws" };
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address.Uri, CancellationToken.None));
        return socket.HttpStatusCode;
    }
}
