using System.Net;
using System.Net.WebSockets;
using Notebook.Gateway.Http;
using Notebook.Gateway.Tests.Fakes;

namespace Notebook.Gateway.Tests.Http;

public sealed class OriginsTests
{
    [Theory]
    [InlineData("", "", "", true)]                                               // a program
    [InlineData("", "http://gate:8888", "", true)]                               // a page of our own
    [InlineData("", "https://GATE:8888", "", true)]
    [InlineData("", "http://gate", "", false)]
    [InlineData("", "http://evil:8888", "", false)]
    [InlineData("", "null", "", false)]                                          // a file, or a frame in a sandbox
    [InlineData("", "gate:8888", "", false)]
    [InlineData("*", "http://evil", "*", true)]
    [InlineData("*", "", "*", true)]
    [InlineData("https://lab.example", "https://lab.example", "https://lab.example", true)]
    [InlineData("https://lab.example/", "https://LAB.example", "https://LAB.example", true)]
    [InlineData("https://lab.example", "https://lab.example.evil", "https://lab.example", false)]
    [InlineData("https://lab.example", "", "https://lab.example", true)]
    [InlineData("https://a https://b", "https://b", "https://b", true)]
    [InlineData("https://a https://b", "https://c", "", false)]
    [InlineData("~https://[a-z]+\\.example", "https://lab.example", "https://lab.example", true)]
    [InlineData("~https://[a-z]+\\.example", "https://lab.example.evil", "", false)]
    [InlineData("~https://[a-z]+\\.example", "https://evil/https://lab.example", "", false)]
    [InlineData("https://a ~https://b|https://c", "https://c", "https://c", true)]
    [InlineData("https://a ~https://b|https://c", "https://cc", "", false)]
    public void Pages_of_our_own_and_of_allowed_origins_may_call(string allowed, string origin, string header, bool mayConnect)
    {
        var words = allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var origins = new Origins(words.Where(w => w[0] != '~'), words.FirstOrDefault(w => w[0] == '~')?[1..]);
        Assert.Equal(header, origins.HeaderFor(origin) ?? "");
        Assert.Equal(mayConnect, origins.MayConnect(origin, "gate:8888"));
    }

    [Fact]
    public async Task Options_needs_no_token_and_tells_the_allowed_origin()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { AllowOrigins = ["https://lab.example"] });
        using var http = new HttpClient { BaseAddress = gateway.Http.BaseAddress };
        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/api/kernels"));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("https://lab.example", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("Origin", answer.Headers.Vary.Single());
    }

    [Fact]
    public async Task Errors_are_readable_for_allowed_pages_too_and_others_are_told_nothing()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { AllowOrigins = ["https://a", "https://b"] });
        foreach (var (origin, told) in new[] { ("https://b", true), ("https://c", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/kernels/111-111-111-111-111");
            request.Headers.Add("Origin", origin);
            using var answer = await gateway.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal(told, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var value) && value.Single() == origin);
        }
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("https://lab.example", true)]
    [InlineData(null, true)]
    [InlineData("own", true)]
    public async Task A_web_socket_of_a_foreign_page_is_refused_whatever_token_it_has(string? origin, bool allowed)
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { AllowOrigins = ["https://lab.example"] });
        var kernel = gateway.RunningKernel();
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin == "own" ? gateway.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);
        var address = new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Path = $"/api/kernels/{kernel.Id}/channels", Query = $"token={TestGateway.Token}" }.Uri;
        if (allowed)
        {
            await socket.ConnectAsync(address, CancellationToken.None);
            return;
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(address, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
        Assert.Equal(1, gateway.Counters[GatewayCounters.ForeignOrigins]);
        Assert.Equal(0, gateway.ConnectionsOf(kernel));
    }
}
