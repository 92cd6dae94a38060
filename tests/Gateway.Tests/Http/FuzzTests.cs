using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Notebook.Gateway.Tests.Fakes;
using Xunit.Abstractions;

namespace Notebook.Gateway.Tests.Http;

/// <summary>Requests that make no sense: none fails the gateway, none is left without an answer, each refusal says why and is counted.</summary>
public sealed class FuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Unknown = "111-111-111-111-111";
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("POST", "/api/kernels", """{"name":"python3","path":"/tmp","kernel_id":"6f9619ff-8b86-d011-b42d-00c04fc964ff","env":{"KERNEL_USERNAME":"eve","KERNEL_GPUS":"1","KERNEL_CULL_IDLE_TIMEOUT":"9","A":"b"},"durability":"all","standby":"warm"}""")]
    [InlineData("PATCH", "/api/kernels/ID", """{"durability":"all","standby":"warm"}""")]
    [InlineData("POST", "/api/kernels/111-111-111-111-111/connect", """{"transport":"tcp","ip":"127.0.0.1","shell_port":5001,"iopub_port":5002,"stdin_port":5003,"control_port":5004,"hb_port":5005,"key":"0123456789abcdef","signature_scheme":"hmac-sha256"}""")]
    [InlineData("POST", "/api/kernels/ID/interrupt", """{"a":1}""")]
    [InlineData("POST", "/api/sessions", """{"path":"a.ipynb","type":"notebook","name":"a","notebook":{"path":"b.ipynb"},"kernel":{"name":"python3","id":"111-111-111-111-111","env":{"A":"b"}}}""")]
    [InlineData("PATCH", "/api/sessions/SESSION", """{"path":"a.ipynb","type":"notebook","name":"a","kernel":{"name":"python3","id":"111-111-111-111-111"}}""")]
    public async Task A_body_that_makes_no_sense_is_refused_and_nothing_else_happens(string method, string path, string right)
    {
        var random = Fuzzing.Begin(output);
        var kernel = _gateway.RunningKernel();
        using var opened = await _gateway.Http.PostAsJsonAsync("/api/sessions", new { path = "fuzz.ipynb", type = "notebook", kernel = new { id = kernel.Id.Value } });
        var session = (await opened.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        path = path.Replace("ID", kernel.Id.Value, StringComparison.Ordinal).Replace("SESSION", session, StringComparison.Ordinal);
        var mutations = new JsonMutations(random);
        var refused = 0;
        for (var n = 0; n < Fuzzing.Rounds(300); n++)
        {
            var body = n % 100 == 99 ? new byte[(1 << 20) + random.Next(1 << 20)] : mutations.Next(right);
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(body) };
            if (random.Next(2) == 0) request.Headers.TransferEncodingChunked = true;
            using var answer = await _gateway.Http.SendAsync(request);
            if (!answer.IsSuccessStatusCode) refused++;
            await AssertSensibleAsync(answer, $"seed {Fuzzing.Seed}, request {n}: {Shown(body)}");
        }

        Assert.Equal(refused, _gateway.Counters[GatewayCounters.RefusedRequests]);
        Assert.Equal(HttpStatusCode.OK, (await _gateway.Http.GetAsync("/api/kernels")).StatusCode);
    }

    [Fact]
    public async Task Paths_that_name_nothing_are_not_found_and_no_grain_is_asked_for_them()
    {
        string[] ids = ["..%2f..", "a", new string('a', 5000), "%f0%9f%98%80-1-1-1-1", "%ff-1-1-1-1", "1-1-1-1-", "1-1-1-1-1-1", "-----", "%0a1-1-1-1-1"];
        string[] routes = ["/api/kernels/{0}", "/api/kernels/{0}/interrupt", "/api/kernels/{0}/restart", "/api/kernels/{0}/channels", "/api/kernels/{0}/connect", "/api/kernels/{0}/outputs/x", "/api/sessions/{0}"];
        foreach (var route in routes)
        {
            foreach (var id in ids)
            {
                foreach (var method in (string[])["GET", "POST", "PATCH", "DELETE"])
                {
                    using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(_gateway.Http.BaseAddress!, string.Format(null, route, id)));
                    using var answer = await _gateway.Http.SendAsync(request);
                    Assert.False(answer.IsSuccessStatusCode, $"{method} {request.RequestUri}");
                    await AssertSensibleAsync(answer, $"{method} {request.RequestUri}");
                }
            }
        }

        Assert.DoesNotContain(_gateway.Cluster.Asked, id => !Notebook.Gateway.Http.Ids.IsOne(id.Value));
    }

    [Fact]
    public async Task The_same_kernel_id_again_is_the_same_kernel()
    {
        const string Body = """{"kernel_id":"6f9619ff-8b86-d011-b42d-00c04fc964ff"}""";
        var starts = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _gateway.Http.PostAsync("/api/kernels", new StringContent(Body))));
        foreach (var answer in starts)
        {
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            answer.Dispose();
        }

        Assert.Single((await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/kernels"))!);
    }

    [Theory]
    [InlineData("POST /api/kernels HTTP/1.1\r\nHost: x\r\nAuthorization: token TOKEN\r\nContent-Length: 100\r\n\r\n{\"name\"")]
    [InlineData("POST /api/kernels HTTP/1.1\r\nHost: x\r\nAuthorization: token TOKEN\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("POST /api/kernels HTTP/1.1\r\nHost: x\r\nAuthorization: token TOKEN\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /api/kernels HTTP/1.1\r\nHost: x\r\nAuthorization: token TOKEN\r\nContent-Length: 99999999999999\r\n\r\n")]
    [InlineData("GET /api/kernels/%zz HTTP/1.1\r\nHost: x\r\nAuthorization: token TOKEN\r\n\r\n")]
    [InlineData("GET /api/kernels?token=%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("GET /api/kernels/111-111-111-111-111%00 HTTP/1.1\r\nHost: x\r\nAuthorization: token TOKEN\r\n\r\n")]
    [InlineData("GARBAGE\r\n\r\n")]
    public async Task A_request_that_is_cut_off_or_is_no_HTTP_harms_nobody(string bytes)
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(_gateway.Http.BaseAddress!.Host, _gateway.Http.BaseAddress.Port);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(bytes.Replace("TOKEN", TestGateway.Token, StringComparison.Ordinal)));
            client.Client.Shutdown(SocketShutdown.Send);
            Assert.DoesNotContain(" 500 ", await FirstLineAsync(stream), StringComparison.Ordinal);
        }

        Assert.Empty((await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/kernels"))!);
    }

    private static async Task AssertSensibleAsync(HttpResponseMessage answer, string what)
    {
        Assert.True((int)answer.StatusCode < 500 || answer.StatusCode == HttpStatusCode.NotImplemented, $"{answer.StatusCode} to {what}");
        if (answer.IsSuccessStatusCode) return;
        var error = await answer.Content.ReadFromJsonAsync<JsonElement>();
        foreach (var name in (string[])["message", "reason"])
            Assert.True(error.GetProperty(name).GetString() is { Length: > 0 and < 2100 }, $"{error} to {what}");
    }

    /// <summary>Empty when the connection is ended without an answer.</summary>
    private static async Task<string> FirstLineAsync(Stream stream)
    {
        try
        {
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(20))).Split('\n')[0];
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Shown(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500)));
}
