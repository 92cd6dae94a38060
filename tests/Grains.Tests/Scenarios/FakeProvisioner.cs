using System.Collections.Concurrent;
using System.Threading.Channels;
using Notebook.Contracts.Provisioning;

namespace Notebook.Grains.Tests.Scenarios;

/// <summary>
/// A provisioner whose calls the test takes one by one and completes itself. What was called is never looked at as a list: the
/// grains go on calling while a test looks.
/// </summary>
internal sealed class FakeProvisioner : IServerProvisioner
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();
    private readonly ConcurrentDictionary<Call, byte> _open = [];

    public string Name => "fake";

    public Task<ProvisionOutcome> AddAsync(ServerId server, CancellationToken cancel) => Enter(add: true, server, cancel);

    public Task<ProvisionOutcome> RemoveAsync(ServerId server, CancellationToken cancel) => Enter(add: false, server, cancel);

    /// <summary>The next call to add or to remove this server; any other before it is a failure of the test.</summary>
    public async Task<Call> NextAsync(string verb, string server)
    {
        var call = await _calls.Reader.ReadAsync().AsTask().Within($"a call to {verb} {server}");
        Assert.Equal($"{verb} {server}", $"{(call.Add ? "add" : "remove")} {call.Server}");
        return call;
    }

    /// <summary>The next calls to add these servers, in whichever order they come.</summary>
    public async Task<Dictionary<string, Call>> NextAddsAsync(params string[] servers)
    {
        Dictionary<string, Call> calls = [];
        foreach (var _ in servers)
        {
            var call = await _calls.Reader.ReadAsync().AsTask().Within($"a call to add one of {string.Join(", ", servers)}");
            Assert.True(call.Add);
            calls.Add(call.Server.Value, call);
        }

        Assert.Equal(servers, calls.Keys.Order());
        return calls;
    }

    /// <summary>Whether there is a call for this server that the test has not completed.</summary>
    public bool IsAt(ServerId server) => _open.Any(c => c.Key.Server == server && !c.Key.Outcome.IsCompleted);

    /// <summary>Whether a call has come that the test has not taken.</summary>
    public bool IsCalled => _calls.Reader.Count > 0;

    private Task<ProvisionOutcome> Enter(bool add, ServerId server, CancellationToken cancel)
    {
        var call = new Call(add, server, cancel);
        _open.TryAdd(call, 0);
        _calls.Writer.TryWrite(call);
        return call.Outcome;
    }

    internal sealed class Call(bool add, ServerId server, CancellationToken cancel)
    {
        private readonly TaskCompletionSource<ProvisionOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Add => add;

        public ServerId Server => server;

        public CancellationToken Cancel => cancel;

        public Task<ProvisionOutcome> Outcome => _outcome.Task;

        public void Succeed() => _outcome.SetResult(new ProvisionOutcome.Done());

        public void Fail(string reason) => _outcome.SetResult(new ProvisionOutcome.Failed(reason));

        public void Throw(Exception error) => _outcome.SetException(error);
    }
}
