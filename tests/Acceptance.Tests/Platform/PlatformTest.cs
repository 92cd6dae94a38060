using System.Text.Json.Nodes;
using Notebook.Rig.Client;
using Notebook.Rig.Platform;

namespace Notebook.Acceptance.Tests.Platform;

/// <summary>A test on the common platform: it starts when all is up, ends its kernels, and leaves the logs' tails in its output.</summary>
[Collection(PlatformGroup.Name)]
public abstract class PlatformTest(PlatformFixture fixture, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<string> _kernels = [];
    private readonly List<KernelSession> _sessions = [];

    protected NotebookPlatform Platform => fixture.Platform;

    protected JupyterApi Api => Platform.Api;

    protected ITestOutputHelper Output => output;

    public async Task InitializeAsync() => await Platform.WholeAsync();

    public async Task DisposeAsync()
    {
        // Shown for a test that failed.
        output.WriteLine(Platform.LogTails());
        foreach (var session in _sessions) await session.DisposeAsync();
        foreach (var kernel in _kernels) await Api.DeleteKernelAsync(kernel);
    }

    /// <summary>Starts a kernel that ends with the test.</summary>
    /// <param name="options">What else the request says; null for nothing.</param>
    protected async Task<string> StartKernelAsync(JsonObject? options = null)
    {
        var kernel = await Api.StartKernelAsync(options: options);
        _kernels.Add(kernel);
        return kernel;
    }

    /// <summary>Connects a client that ends with the test.</summary>
    protected async Task<KernelSession> ConnectAsync(string kernel, string? sessionId = null, Framing framing = Framing.V1)
    {
        var session = await Api.ConnectAsync(kernel, sessionId, framing);
        _sessions.Add(session);
        return session;
    }

    /// <summary>A client of a kernel of its own.</summary>
    protected async Task<(string Kernel, KernelSession Session)> OpenAsync(Framing framing = Framing.V1)
    {
        var kernel = await StartKernelAsync();
        return (kernel, await ConnectAsync(kernel, framing: framing));
    }
}
