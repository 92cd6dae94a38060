using Microsoft.Extensions.DependencyInjection;
using Notebook.Embedded.Client;
using Notebook.Embedded.Tests.Contract;
using Notebook.TestKit;

namespace Notebook.Embedded.Tests.Client;

/// <summary>What a peer sends is input, not truth.</summary>
public sealed class EndpointTests(HostFixture host) : IClassFixture<HostFixture>
{
    public static TheoryData<byte[]> Nonsense => new()
    {
        Array.Empty<byte>(),
        new byte[] { 9 },
        new FrameWriter(FrameKind.Call).Number(1).Text("probe/x").Message.ToArray(),
        new FrameWriter((FrameKind)77).Number(1).Message.ToArray(),
        new byte[] { 3, 1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 127 },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nonsense_ends_the_connection_and_nothing_else(byte[] nonsense)
    {
        var (ours, serving) = await ConnectAsync();
        Assert.True(ours.TrySend(nonsense));
        await Assert.ThrowsAsync<GrainProtocolException>(() => serving.Within("the end of the connection"));
    }

    [Fact]
    public async Task Another_protocol_version_is_refused_by_name()
    {
        var (ours, theirs) = InMemoryGrainTransport.CreatePair();
        var serving = host.Services.GetRequiredService<GrainEndpoint>().ServeAsync(theirs, default);
        Assert.True(ours.TrySend(new FrameWriter(FrameKind.Hello).Number(99).Text("me").Message));
        var refusal = await Assert.ThrowsAsync<GrainProtocolException>(() => serving.Within("the refusal"));
        Assert.Contains("99", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tests.INoSuchGrain", "Echo", "[]", "INoSuchGrain")]
    [InlineData("tests.IProbeGrain", "NoSuchMethod", "[]", "NoSuchMethod")]
    [InlineData("tests.IProbeGrain", "Echo", "[]", "takes 1 arguments")]
    [InlineData("tests.IProbeGrain", "Echo", "[{}]", "String")]
    [InlineData("tests.IProbeGrain", "Echo", "nonsense", "invalid")]
    public async Task A_call_that_cannot_be_read_fails_alone(string type, string method, string arguments, string expected)
    {
        var (ours, serving) = await ConnectAsync();
        var frame = new FrameWriter(FrameKind.Call).Number(7).Text("probe/x").Text(type).Text(method).Number(0);
        System.Buffers.BuffersExtensions.Write(frame.Rest, System.Text.Encoding.UTF8.GetBytes(arguments));
        Assert.True(ours.TrySend(frame.Message));
        await using var incoming = ours.ReceiveAsync(default).GetAsyncEnumerator();
        await incoming.MoveNextAsync().AsTask().Within("welcome");
        await incoming.MoveNextAsync().AsTask().Within("the failure");
        Assert.Contains(expected, System.Text.Encoding.UTF8.GetString(incoming.Current.Span), StringComparison.OrdinalIgnoreCase);
        Assert.False(serving.IsCompleted);
    }

    private async Task<(InMemoryGrainTransport Ours, Task Serving)> ConnectAsync()
    {
        var (ours, theirs) = InMemoryGrainTransport.CreatePair();
        var serving = host.Services.GetRequiredService<GrainEndpoint>().ServeAsync(theirs, default);
        Assert.True(ours.TrySend(new FrameWriter(FrameKind.Hello).Number(GrainEndpoint.ProtocolVersion).Text("tester").Message));
        return (ours, serving);
    }
}
