using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Notebook.Gateway.Tests.Fakes;

namespace Notebook.Gateway.Tests.Http;

public sealed partial class RestTests : IAsyncLifetime
{
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Theory]
    [InlineData("/api/kernels", null, HttpStatusCode.Unauthorized)]
    [InlineData("/api/kernels", "token ", HttpStatusCode.Unauthorized)]
    [InlineData("/api/kernels", "token wrong", HttpStatusCode.Forbidden)]
    [InlineData("/api/kernels", "Basic test-token-0123", HttpStatusCode.Unauthorized)]
    [InlineData("/api/kernels", "token test-token-0123", HttpStatusCode.OK)]
    [InlineData("/api/kernels", "Bearer test-token-0123", HttpStatusCode.OK)]
    [InlineData("/api/kernels?token=test-token-0123", null, HttpStatusCode.OK)]
    [InlineData("/api/kernels?token=test-token-0123", "token ", HttpStatusCode.OK)]
    [InlineData("/api/kernels?token=x", null, HttpStatusCode.Forbidden)]
    [InlineData("/api/kernelspecs", null, HttpStatusCode.Unauthorized)]
    [InlineData("/api/status", null, HttpStatusCode.Unauthorized)]
    [InlineData("/api/me", null, HttpStatusCode.Unauthorized)]
    [InlineData("/api/sessions", null, HttpStatusCode.Unauthorized)]
    [InlineData("/api/spec.yaml", null, HttpStatusCode.Unauthorized)]
    [InlineData("/admin/counters", null, HttpStatusCode.Unauthorized)]
    [InlineData("/nothing", null, HttpStatusCode.Unauthorized)]
    [InlineData("/api", null, HttpStatusCode.OK)]
    [InlineData("/healthz", null, HttpStatusCode.OK)]
    public async Task Who_shows_the_token_may_call(string path, string? authorization, HttpStatusCode expected)
    {
        using var http = new HttpClient { BaseAddress = _gateway.Http.BaseAddress };
        if (authorization is not null) http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await http.GetAsync(path);
        Assert.Equal(expected, answer.StatusCode);
        if (expected != HttpStatusCode.OK) await AssertErrorAsync(answer);
    }

    [Fact]
    public async Task Refused_requests_are_counted()
    {
        using var http = new HttpClient { BaseAddress = _gateway.Http.BaseAddress };
        using var answer = await http.GetAsync("/api/kernels?token=x");
        var counters = await _gateway.Http.GetFromJsonAsync<Dictionary<string, long>>("/admin/counters");
        Assert.Equal(1, counters![GatewayCounters.Unauthorized]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"name":null,"env":null}""")]
    [InlineData("""{"name":"python3","env":{},"path":""}""")]
    public async Task A_kernel_starts_at_once(string body)
    {
        using var answer = await PostAsync("/api/kernels", body);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var model = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var id = model.GetProperty("id").GetString()!;
        Assert.Equal($"/api/kernels/{id}", answer.Headers.Location!.ToString());
        Assert.Equal("starting", model.GetProperty("execution_state").GetString());
        Assert.Equal("python3", model.GetProperty("name").GetString());
        Assert.Equal(0, model.GetProperty("connections").GetInt32());
        Assert.Matches(StrictTime(), model.GetProperty("last_activity").GetString());
    }

    [Theory]
    [InlineData("?_xsrf=anything", null)]
    [InlineData("", "anything")]
    [InlineData("?_xsrf=", "")]
    public async Task What_browsers_send_against_forged_requests_is_accepted_and_means_nothing(string query, string? header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/kernels{query}");
        if (header is not null) request.Headers.TryAddWithoutValidation("X-XSRFToken", header);
        request.Headers.Add("Cookie", "_xsrf=something else");
        using var answer = await _gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        using var anonymous = new HttpClient { BaseAddress = _gateway.Http.BaseAddress };
        anonymous.DefaultRequestHeaders.Add("Cookie", $"token={TestGateway.Token}; _xsrf=x");
        anonymous.DefaultRequestHeaders.Add("X-XSRFToken", "x");
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.PostAsync("/api/kernels", null)).StatusCode);   // no cookie stands for the token
    }

    [Fact]
    public async Task What_is_asked_for_reaches_the_cluster()
    {
        using var answer = await PostAsync("/api/kernels", """
            {"name":"torch","kernel_id":"6F9619FF-8B86-D011-B42D-00C04FC964FF","path":"/tmp",
             "env":{"KERNEL_USERNAME":"eve","KERNEL_GPUS":"2","KERNEL_VRAM":"16.5","FOO":"bar","KERNEL_STANDBY":"warm"},
             "durability":"all"}
            """);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var request = _gateway.Cluster.LastRequest!;
        Assert.Equal("6f9619ff-8b86-d011-b42d-00c04fc964ff", request.Kernel!.Value.Value);
        Assert.Equal("eve", request.User);
        Assert.Equal("/tmp", request.WorkingDirectory);
        Assert.Equal("bar", request.Environment["FOO"]);
        Assert.Equal(new ResourceRequest(2, 16.5), request.Resources);
        Assert.Equal(new KeepingRequest(Durability.All, StandbyMode.Warm), request.Keeping);
    }

    [Fact]
    public async Task How_a_running_kernels_state_is_kept_can_be_changed()
    {
        var kernel = _gateway.Cluster.Add();
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync($"/api/kernels/{kernel.Id}", """{"standby":"cold"}""")).StatusCode);
        Assert.Equal(new KeepingRequest(null, StandbyMode.Cold), kernel.Kept);
        Assert.Equal(HttpStatusCode.NotFound, (await PatchAsync("/api/kernels/6f9619ff-8b86-d011-b42d-00c04fc964ff", "{}")).StatusCode);
    }

    [Theory]
    [InlineData("", "Invalid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("""{"name":"x"}""", "'name' of a kernel cannot be changed: durability and standby can")]
    [InlineData("""{"durability":"ALL"}""", "durability must be state or all, not 'ALL'")]
    [InlineData("""{"standby":"tepid"}""", "standby must be hot, warm or cold, not 'tepid'")]
    [InlineData("""{"standby":1}""", "standby must be a text")]
    public async Task A_change_that_makes_no_sense_is_refused_with_the_reason(string body, string reason)
    {
        var kernel = _gateway.Cluster.Add();
        using var answer = await PatchAsync($"/api/kernels/{kernel.Id}", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Null(kernel.Kept);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"x\"")]
    [InlineData("""{"env":[]}""")]
    [InlineData("""{"env":{"A":1}}""")]
    [InlineData("""{"env":{"A=B":"1"}}""")]
    [InlineData("""{"name":7}""")]
    [InlineData("""{"name":"\udc00"}""")]
    [InlineData("""{"env":{"\ud800":"1"}}""")]
    [InlineData("""{"durability":true}""")]
    [InlineData("""{"env":{"KERNEL_STANDBY":"frozen"}}""")]
    [InlineData("""{"kernel_id":"../../etc"}""")]
    [InlineData("""{"env":{"KERNEL_GPUS":"many"}}""")]
    [InlineData("""{"env":{"KERNEL_GPUS":"-1"}}""")]
    [InlineData("""{"env":{"KERNEL_GPUS":"0.5"}}""")]
    [InlineData("""{"env":{"KERNEL_GPUS":"NaN"}}""")]
    [InlineData("""{"env":{"NOTEBOOK_WAIT_NOTICES":"no"}}""")]
    [InlineData("""{"env":{"KERNEL_CULL_IDLE_TIMEOUT":"1h"}}""")]
    public async Task A_malformed_request_is_refused(string body)
    {
        using var answer = await PostAsync("/api/kernels", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await AssertErrorAsync(answer);
        Assert.Equal(1, _gateway.Counters[GatewayCounters.MalformedRequests]);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        using var body = new ByteArrayContent([.. """{"name":"x"""u8, 0xff, 0xfe, .. "\"}"u8]);
        using var answer = await _gateway.Http.PostAsync("/api/kernels", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await AssertErrorAsync(answer);
    }

    [Fact]
    public async Task A_request_without_end_is_refused()
    {
        using var answer = await PostAsync("/api/kernels", new string(' ', 3 << 20));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        await AssertErrorAsync(answer);
    }

    [Fact]
    public async Task An_unknown_kernelspec_is_refused_with_those_that_there_are()
    {
        using var answer = await PostAsync("/api/kernels", """{"name":"nope"}""");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("nope not found; there are: python3, torch", await AssertErrorAsync(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/kernels", "{}")]
    [InlineData("/api/sessions", """{"path":"a","type":"file"}""")]
    public async Task A_kernel_too_many_is_refused_as_a_limit(string path, string body)
    {
        _gateway.Cluster.Limit = "user eve has 2 kernels already";
        using var answer = await PostAsync(path, body);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var error = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("Resource Limit", "user eve has 2 kernels already"), (error.GetProperty("reason").GetString(), error.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Without_servers_clients_are_told_to_come_back()
    {
        _gateway.Cluster.HasServers = false;
        using var answer = await PostAsync("/api/kernels", "{}");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        await AssertErrorAsync(answer);
    }

    [Fact]
    public async Task Kernels_are_listed_looked_at_interrupted_restarted_and_ended()
    {
        var kernel = _gateway.RunningKernel();
        var list = await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/kernels");
        Assert.Equal(kernel.Id.Value, list!.Single().GetProperty("id").GetString());
        var model = await _gateway.Http.GetFromJsonAsync<JsonElement>($"/api/kernels/{kernel.Id}");
        Assert.Equal("idle", model.GetProperty("execution_state").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await PostAsync($"/api/kernels/{kernel.Id}/interrupt", "")).StatusCode);
        Assert.Equal(1, kernel.Interrupts);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/api/kernels/{kernel.Id}/restart", "")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await _gateway.Http.DeleteAsync($"/api/kernels/{kernel.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _gateway.Http.DeleteAsync($"/api/kernels/{kernel.Id}")).StatusCode);
        Assert.Empty((await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/kernels"))!);
    }

    [Theory]
    [InlineData("GET", "/api/kernels/{0}")]
    [InlineData("DELETE", "/api/kernels/{0}")]
    [InlineData("POST", "/api/kernels/{0}/interrupt")]
    [InlineData("POST", "/api/kernels/{0}/restart")]
    public async Task An_unknown_kernel_is_not_found(string method, string path)
    {
        var id = "111-111-111-111-111";
        using var answer = await _gateway.Http.SendAsync(new HttpRequestMessage(new(method), string.Format(null, path, id)));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal($"Kernel does not exist: {id}", await AssertErrorAsync(answer));
    }

    [Fact]
    public async Task Channels_want_a_WebSocket()
    {
        var kernel = _gateway.RunningKernel();
        using var answer = await _gateway.Http.GetAsync($"/api/kernels/{kernel.Id}/channels");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await AssertErrorAsync(answer);
    }

    [Fact]
    public async Task Kernelspecs_have_names_and_files()
    {
        var specs = await _gateway.Http.GetFromJsonAsync<JsonElement>("/api/kernelspecs");
        Assert.Equal("python3", specs.GetProperty("default").GetString());
        var spec = specs.GetProperty("kernelspecs").GetProperty("python3");
        Assert.Equal("Python 3", spec.GetProperty("spec").GetProperty("display_name").GetString());
        var logo = spec.GetProperty("resources").GetProperty("logo-64x64").GetString();
        Assert.Equal("/kernelspecs/python3/logo-64x64.png", logo);
        using var file = await _gateway.Http.GetAsync(logo);
        Assert.Equal("image/png", file.Content.Headers.ContentType!.MediaType);
        Assert.Equal([1, 2, 3], await file.Content.ReadAsByteArrayAsync());

        Assert.Equal("torch", (await _gateway.Http.GetFromJsonAsync<JsonElement>("/api/kernelspecs/torch")).GetProperty("name").GetString());
        Assert.Equal("python3", (await _gateway.Http.GetFromJsonAsync<JsonElement>("/api/kernelspecs?user=eve")).GetProperty("default").GetString());
        using var unknown = await _gateway.Http.GetAsync("/api/kernelspecs/nope");
        Assert.Equal("Kernel spec nope not found", await AssertErrorAsync(unknown));
        using var noFile = await _gateway.Http.GetAsync("/kernelspecs/python3/..%2fkernel.json");
        Assert.Equal(HttpStatusCode.NotFound, noFile.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/api/kernels")]
    [InlineData("POST", "/api/kernels")]
    [InlineData("GET", "/api/kernels/111-111-111-111-111")]
    [InlineData("GET", "/api/kernelspecs")]
    [InlineData("GET", "/api/status")]
    public async Task While_the_silo_is_down_the_answer_is_503(string method, string path)
    {
        _gateway.Cluster.Down = true;
        using var answer = await _gateway.Http.SendAsync(new HttpRequestMessage(new(method), path));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        await AssertErrorAsync(answer);
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_JSON()
    {
        using var path = await _gateway.Http.GetAsync("/api/contents");
        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
        await AssertErrorAsync(path);
        using var method = await _gateway.Http.PutAsync("/api/kernels", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        await AssertErrorAsync(method);
    }

    private Task<HttpResponseMessage> PatchAsync(string path, string body) =>
        _gateway.Http.PatchAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _gateway.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task<string> AssertErrorAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.False(string.IsNullOrEmpty(body.GetProperty("reason").GetString()));
        var message = body.GetProperty("message").GetString();
        Assert.False(string.IsNullOrEmpty(message));
        return message;
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")]
    private static partial Regex StrictTime();
}
