using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Notebook.Gateway.Http;
using Notebook.Gateway.Tests.Fakes;

namespace Notebook.Gateway.Tests.Http;

public sealed class BaseUrlTests
{
    [Theory]
    [InlineData("/", "")]
    [InlineData("", "")]
    [InlineData("lab", "/lab")]
    [InlineData("/a/b-1/", "/a/b-1")]
    [InlineData("/user/eve@x.org/", "/user/eve@x.org")]
    [InlineData("/a b/", null)]
    [InlineData("/a//b/", null)]
    [InlineData("/../", null)]
    [InlineData("http://x/", null)]
    [InlineData("/a?b", null)]
    public void It_is_a_path_of_plain_names(string text, string? path) => Assert.Equal(path, BaseUrl.Parse(text));

    [Fact]
    public async Task Everything_is_below_it_and_what_is_answered_says_so()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { BaseUrl = "/user/eve" });
        using var started = await gateway.Http.PostAsync("/user/eve/api/kernels", new StringContent("{}"));
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        var kernel = gateway.Cluster.Known(new((await started.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!));
        Assert.Equal($"/user/eve/api/kernels/{kernel.Id}", started.Headers.Location!.ToString());
        using var session = await gateway.Http.PostAsync("/user/eve/api/sessions", new StringContent("""{"path":"a","type":"file"}""", Encoding.UTF8, "application/json"));
        Assert.StartsWith("/user/eve/api/sessions/", session.Headers.Location!.ToString(), StringComparison.Ordinal);

        var specs = await gateway.Http.GetFromJsonAsync<JsonElement>("/user/eve/api/kernelspecs");
        var logo = specs.GetProperty("kernelspecs").GetProperty("python3").GetProperty("resources").GetProperty("logo-64x64").GetString();
        Assert.Equal("/user/eve/kernelspecs/python3/logo-64x64.png", logo);
        Assert.Equal([1, 2, 3], await gateway.Http.GetByteArrayAsync(logo));

        kernel.Run(gateway.Agent);
        using var socket = new ClientWebSocket();
        var channels = new UriBuilder(gateway.Http.BaseAddress!) { Scheme = "ws", Path = $"/user/eve/api/kernels/{kernel.Id}/channels", Query = $"token={TestGateway.Token}" };
        await socket.ConnectAsync(channels.Uri, CancellationToken.None);
    }

    [Theory]
    [InlineData("/api", HttpStatusCode.NotFound)]
    [InlineData("/user/evelyn/api", HttpStatusCode.NotFound)]
    [InlineData("/user/eve/user/eve/api", HttpStatusCode.NotFound)]
    [InlineData("/healthz", HttpStatusCode.OK)]
    [InlineData("/user/eve/healthz", HttpStatusCode.OK)]
    [InlineData("/user/eve/api", HttpStatusCode.OK)]
    public async Task Nothing_is_beside_it_but_the_word_that_we_run(string path, HttpStatusCode expected)
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { BaseUrl = "/user/eve" });
        using var answer = await gateway.Http.GetAsync(path);
        Assert.Equal(expected, answer.StatusCode);
        if (expected == HttpStatusCode.NotFound) Assert.Equal("Not Found", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task No_token_is_asked_for_where_nothing_is()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { BaseUrl = "/x" });
        using var http = new HttpClient { BaseAddress = gateway.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("/x/api/kernels")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/api/kernels")).StatusCode);
    }
}
