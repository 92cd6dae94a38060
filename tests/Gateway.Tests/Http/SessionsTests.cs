using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Notebook.Gateway.Tests.Fakes;

namespace Notebook.Gateway.Tests.Http;

public sealed class SessionsTests : IAsyncLifetime
{
    private const string Unknown = "111-111-111-111-111";
    private TestGateway _gateway = null!;

    public async Task InitializeAsync() => _gateway = await TestGateway.StartAsync();

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task A_session_starts_a_kernel_that_knows_its_document()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/sessions", """
            {"path":"/work/a.ipynb","type":"notebook","name":"a","kernel":{"name":"torch","id":null,"env":{"KERNEL_USERNAME":"eve"}}}
            """);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var model = await JsonAsync(answer);
        var id = Text(model, "id");
        Assert.Equal($"/api/sessions/{id}", answer.Headers.Location!.ToString());
        Assert.Equal(("/work/a.ipynb", "a", "notebook"), (Text(model, "path"), Text(model, "name"), Text(model, "type")));
        Assert.Equal("/work/a.ipynb", Text(model.GetProperty("notebook"), "path"));
        var kernel = model.GetProperty("kernel");
        Assert.Equal(("torch", "starting"), (Text(kernel, "name"), Text(kernel, "execution_state")));
        Assert.Equal(0, kernel.GetProperty("connections").GetInt32());
        var request = _gateway.Cluster.LastRequest!;
        Assert.Equal(("eve", "/work", "/work/a.ipynb"), (request.User, request.WorkingDirectory, request.Environment["JPY_SESSION_NAME"]));
        Assert.Equal(id, Text((await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/sessions"))!.Single(), "id"));
        Assert.Equal(id, Text(await _gateway.Http.GetFromJsonAsync<JsonElement>($"/api/sessions/{id}"), "id"));
    }

    [Theory]
    [InlineData("""{"path":"a.py","type":"file"}""")]
    [InlineData("""{"path":"a.py","type":"file","name":null,"kernel":null}""")]
    [InlineData("""{"path":"a.py","type":"file","kernel":{}}""")]
    [InlineData("""{"path":"a.py","type":"file","kernel":{"name":null}}""")]
    [InlineData("""{"path":"a.py","type":"file","kernel":{"id":"111-111-111-111-111"}}""")]
    public async Task Without_a_kernel_that_runs_it_gets_the_default_one(string body)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/sessions", body);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var model = await JsonAsync(answer);
        Assert.Equal("python3", Text(model.GetProperty("kernel"), "name"));
        Assert.False(model.TryGetProperty("notebook", out _));
        Assert.Equal("", Text(model, "name"));
    }

    [Fact]
    public async Task It_takes_a_kernel_that_runs()
    {
        var kernel = _gateway.RunningKernel();
        var model = await OpenAsync("a.ipynb", kernel.Id);
        Assert.Equal((kernel.Id.Value, "idle"), (Text(model.GetProperty("kernel"), "id"), Text(model.GetProperty("kernel"), "execution_state")));
        Assert.Null(_gateway.Cluster.LastRequest);
    }

    [Fact]
    public async Task The_old_form_of_a_request_is_understood()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/sessions", """{"notebook":{"path":"old.ipynb"},"kernel":{"name":"python3"} }""");
        var model = await JsonAsync(answer);
        Assert.Equal(("old.ipynb", "notebook"), (Text(model, "path"), Text(model, "type")));
    }

    [Fact]
    public async Task A_path_that_has_a_session_gets_that_one()
    {
        var first = await OpenAsync("a.ipynb");
        var second = await OpenAsync("a.ipynb", _gateway.RunningKernel().Id);
        Assert.Equal(Text(first, "id"), Text(second, "id"));
        Assert.Equal(Text(first.GetProperty("kernel"), "id"), Text(second.GetProperty("kernel"), "id"));
        Assert.Single(_gateway.Cluster.KnownSessions.All);
    }

    [Fact]
    public async Task Of_two_requests_for_one_path_the_slower_one_gets_the_session_of_the_faster_and_leaves_no_kernel()
    {
        var winner = _gateway.RunningKernel();
        _gateway.Cluster.KnownSessions.Answer = new AddSessionOutcome.Exists(new JupyterSession("s", "a.ipynb", "", "notebook", winner.Id));
        var model = await OpenAsync("a.ipynb");
        Assert.Equal(("s", winner.Id.Value), (Text(model, "id"), Text(model.GetProperty("kernel"), "id")));
        Assert.Equal(winner.Id.Value, Text((await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/kernels"))!.Single(), "id"));
    }

    [Fact]
    public async Task A_session_too_many_is_refused_and_leaves_no_kernel()
    {
        _gateway.Cluster.KnownSessions.Answer = new AddSessionOutcome.Refused("too many");
        using var answer = await SendAsync(HttpMethod.Post, "/api/sessions", """{"path":"a","type":"file"}""");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal("too many", await MessageAsync(answer));
        Assert.Empty((await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/kernels"))!);
    }

    [Fact]
    public async Task It_is_renamed_and_keeps_its_kernel()
    {
        var kernel = _gateway.RunningKernel();
        var id = Text(await OpenAsync("a.ipynb", kernel.Id), "id");
        using var answer = await SendAsync(HttpMethod.Patch, $"/api/sessions/{id}", """{"path":"b.ipynb","name":"b","type":"console"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var model = await JsonAsync(answer);
        Assert.Equal(("b.ipynb", "b", "console"), (Text(model, "path"), Text(model, "name"), Text(model, "type")));
        Assert.Equal(kernel.Id.Value, Text(model.GetProperty("kernel"), "id"));
        Assert.Equal(KernelState.Idle, kernel.Now!.State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_kernel_takes_the_place_of_its_own_which_ends(bool running)
    {
        var (kernel, other) = (_gateway.RunningKernel(), _gateway.RunningKernel());
        var id = Text(await OpenAsync("a.ipynb", kernel.Id), "id");
        var wanted = running ? $$"""{"id":"{{other.Id}}"}""" : """{"name":"torch"}""";
        using var answer = await SendAsync(HttpMethod.Patch, $"/api/sessions/{id}", $$"""{"kernel":{{wanted}} }""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var its = (await JsonAsync(answer)).GetProperty("kernel");
        if (running) Assert.Equal(other.Id.Value, Text(its, "id"));
        else Assert.Equal(("torch", "a.ipynb"), (Text(its, "name"), _gateway.Cluster.LastRequest!.Environment["JPY_SESSION_NAME"]));
        Assert.Equal((KernelState.Dead, KernelState.Idle), (kernel.Now!.State, other.Now!.State));
    }

    [Fact]
    public async Task The_kernel_that_it_has_already_changes_nothing()
    {
        var kernel = _gateway.RunningKernel();
        var id = Text(await OpenAsync("a.ipynb", kernel.Id), "id");
        using var answer = await SendAsync(HttpMethod.Patch, $"/api/sessions/{id}", $$"""{"kernel":{"id":"{{kernel.Id}}","name":"python3"} }""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(KernelState.Idle, kernel.Now!.State);
    }

    [Fact]
    public async Task When_it_ends_its_kernel_ends_with_it()
    {
        var kernel = _gateway.RunningKernel();
        var id = Text(await OpenAsync("a.ipynb", kernel.Id), "id");
        Assert.Equal(HttpStatusCode.NoContent, (await _gateway.Http.DeleteAsync($"/api/sessions/{id}")).StatusCode);
        Assert.Equal(KernelState.Dead, kernel.Now!.State);
        using var again = await _gateway.Http.DeleteAsync($"/api/sessions/{id}");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task A_session_whose_kernel_is_gone_is_gone()
    {
        var kernel = _gateway.RunningKernel();
        var id = Text(await OpenAsync("a.ipynb", kernel.Id), "id");
        await _gateway.Http.DeleteAsync($"/api/kernels/{kernel.Id}");
        Assert.Empty((await _gateway.Http.GetFromJsonAsync<JsonElement[]>("/api/sessions"))!);
        using var answer = await _gateway.Http.GetAsync($"/api/sessions/{id}");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Empty(_gateway.Cluster.KnownSessions.All);
        Assert.NotEqual(id, Text(await OpenAsync("a.ipynb"), "id"));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    [InlineData("PATCH", "{}")]
    public async Task An_unknown_session_is_not_found(string method, string body)
    {
        using var answer = await SendAsync(new HttpMethod(method), $"/api/sessions/{Unknown}", body);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal($"Session not found: session_id='{Unknown}'", await MessageAsync(answer));
    }

    [Theory]
    [InlineData("", "Invalid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("""{"type":"notebook"}""", "Missing field in JSON data: path")]
    [InlineData("""{"path":"a"}""", "Missing field in JSON data: type")]
    [InlineData("""{"path":"","type":"file"}""", "must not be empty")]
    [InlineData("""{"path":1,"type":"file"}""", "path must be a text")]
    [InlineData("""{"path":"a","type":"file","kernel":"python3"}""", "kernel must be an object")]
    [InlineData("""{"path":"a","type":"file","kernel":{"env":[]}}""", "kernel: env must be")]
    [InlineData("""{"path":"\ud800","type":"file"}""", "not valid Unicode")]
    public async Task A_request_that_makes_no_sense_is_refused_with_the_reason(string body, string reason)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/sessions", body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await MessageAsync(answer), StringComparison.Ordinal);
        Assert.Equal(1, _gateway.Counters[GatewayCounters.MalformedRequests]);
        Assert.Null(_gateway.Cluster.LastRequest);
    }

    [Fact]
    public async Task A_kernel_that_does_not_run_is_no_other_kernel_for_it()
    {
        var id = Text(await OpenAsync("a.ipynb"), "id");
        using var answer = await SendAsync(HttpMethod.Patch, $"/api/sessions/{id}", $$"""{"kernel":{"id":"{{Unknown}}"} }""");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal($"No such kernel: {Unknown}", await MessageAsync(answer));
    }

    [Fact]
    public async Task An_unknown_kernelspec_is_501_as_clients_expect_it_here()
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/sessions", """{"path":"a","type":"file","kernel":{"name":"nope"}}""");
        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        var body = await JsonAsync(answer);
        Assert.Equal("nope not found", Text(body, "short_message"));
        Assert.Contains("python3, torch", Text(body, "message"), StringComparison.Ordinal);
        Assert.Empty(_gateway.Cluster.KnownSessions.All);
    }

    [Theory]
    [InlineData("GET", "/api/sessions", "")]
    [InlineData("POST", "/api/sessions", """{"path":"a","type":"file"}""")]
    [InlineData("GET", "/api/sessions/111-111-111-111-111", "")]
    [InlineData("PATCH", "/api/sessions/111-111-111-111-111", "{}")]
    [InlineData("DELETE", "/api/sessions/111-111-111-111-111", "")]
    public async Task While_the_silo_is_down_the_answer_is_503(string method, string path, string body)
    {
        _gateway.Cluster.Down = true;
        using var answer = await SendAsync(new HttpMethod(method), path, body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        await MessageAsync(answer);
    }

    private async Task<JsonElement> OpenAsync(string path, KernelId? kernel = null)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/sessions", JsonSerializer.Serialize(
            new { path, type = "notebook", kernel = new { id = kernel?.Value, name = "python3" } }));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await JsonAsync(answer);
    }

    private Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string body) =>
        _gateway.Http.SendAsync(new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") });

    private static Task<JsonElement> JsonAsync(HttpResponseMessage answer) => answer.Content.ReadFromJsonAsync<JsonElement>();

    private static async Task<string> MessageAsync(HttpResponseMessage answer)
    {
        var body = await JsonAsync(answer);
        Assert.NotEqual("", Text(body, "reason"));
        return Text(body, "message");
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
