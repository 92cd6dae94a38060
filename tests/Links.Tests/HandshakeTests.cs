using System.Net.WebSockets;
using Google.Protobuf;

namespace Notebook.Links.Tests;

/// <summary>Nobody gets a link without the key, the version and a purpose that is served; both sides hear why, by name.</summary>
public sealed class HandshakeTests
{
    [Fact]
    public async Task Both_sides_know_who_the_other_is()
    {
        await using var listener = await Listener.StartAsync();
        var (dialled, accepted) = await listener.ConnectAsync();
        Assert.Equal(Listener.Identity, dialled.Peer);
        Assert.Equal(new PeerIdentity("agent", "dialler"), accepted.Peer);
        Assert.Equal(LinkPurpose.Agent, accepted.Purpose);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_by_name_on_both_sides()
    {
        await using var listener = await Listener.StartAsync();
        var refused = await Assert.ThrowsAsync<LinkRefusedException>(
            () => Listener.Dialer(ClusterKey.NewText()).DialAsync(listener.Address, LinkPurpose.Agent, CancellationToken.None));
        Assert.Contains("silo 'listener'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("another cluster key", refused.Message, StringComparison.Ordinal);
        var line = await listener.Log.UntilAsync("another cluster key").Within("the listener logged the refusal");
        Assert.Contains("agent 'dialler'", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_purpose_that_is_not_served_is_refused_by_name()
    {
        await using var listener = await Listener.StartAsync();
        var refused = await Assert.ThrowsAsync<LinkRefusedException>(
            () => Listener.Dialer().DialAsync(listener.Address, LinkPurpose.Data, CancellationToken.None));
        Assert.Contains("does not serve 'data', only agent", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dialler_that_the_listener_does_not_take_is_refused_by_name_once_it_has_shown_its_key()
    {
        await using var listener = await Listener.StartAsync();
        var refused = await Assert.ThrowsAsync<LinkRefusedException>(() => Listener.Dialer(id: Listener.Unwelcome)
            .DialAsync(listener.Address, LinkPurpose.Agent, CancellationToken.None));
        Assert.Contains("'stranger' is unwelcome for agent", refused.Message, StringComparison.Ordinal);
        var line = await listener.Log.UntilAsync("unwelcome").Within("the listener logged the refusal");
        Assert.Contains("refused agent 'stranger'", line, StringComparison.Ordinal);

        refused = await Assert.ThrowsAsync<LinkRefusedException>(() => Listener.Dialer(ClusterKey.NewText(), Listener.Unwelcome)
            .DialAsync(listener.Address, LinkPurpose.Agent, CancellationToken.None));
        Assert.Contains("another cluster key", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_protocol_version_is_refused_with_both_versions()
    {
        await using var listener = await Listener.StartAsync();
        using var socket = await OpenAsync(listener);
        await SendAsync(socket, new HandshakeFrame
        {
            Hello = new Hello { ProtocolVersion = 99, Role = "agent", Id = "old", Purpose = "agent", Nonce = ByteString.CopyFrom(new byte[32]) },
        });
        var verdict = (await ReceiveAsync(socket)).Verdict;
        Assert.False(verdict.Accepted);
        Assert.Contains("version 99", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("agent 'old'", await listener.Log.UntilAsync("version 99").Within("the listener logged it"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recorded_proof_opens_nothing()
    {
        await using var listener = await Listener.StartAsync();
        using var socket = await OpenAsync(listener);
        await SendAsync(socket, new HandshakeFrame
        {
            Hello = new Hello { ProtocolVersion = Handshake.ProtocolVersion, Role = "agent", Id = "x", Purpose = "agent", Nonce = ByteString.CopyFrom(new byte[32]) },
        });
        Assert.NotNull((await ReceiveAsync(socket)).Challenge);
        await SendAsync(socket, new HandshakeFrame { Proof = new Proof { Proof_ = ByteString.CopyFrom(new byte[32]) } });
        Assert.Contains("another cluster key", (await ReceiveAsync(socket)).Verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Noise_instead_of_a_hello_is_closed_and_logged()
    {
        await using var listener = await Listener.StartAsync();
        using var socket = await OpenAsync(listener);
        await socket.SendAsync(new byte[] { 0xff, 0xff, 0xff }, WebSocketMessageType.Binary, true, CancellationToken.None);
        await listener.Log.UntilAsync("cannot be read").Within("the listener logged it");
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_address()
    {
        var nowhere = new Uri("ws://127.0.0.1:1/");
        var error = await Assert.ThrowsAsync<LinkException>(() => Listener.Dialer().DialAsync(nowhere, LinkPurpose.Agent, CancellationToken.None));
        Assert.Contains("cannot reach ws://127.0.0.1:1/", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_is_too_short_to_be_secret_is_refused()
    {
        var error = Assert.Throws<LinkException>(() => ClusterKey.Parse("short", "the file"));
        Assert.Contains("openssl rand -hex 32", error.Message, StringComparison.Ordinal);
    }

    private static async Task<ClientWebSocket> OpenAsync(Listener listener)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri(listener.Address, "/link"), CancellationToken.None);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, HandshakeFrame frame) =>
        socket.SendAsync(frame.ToByteArray(), WebSocketMessageType.Binary, true, CancellationToken.None);

    private static async Task<HandshakeFrame> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[4096];
        var part = await socket.ReceiveAsync(buffer, CancellationToken.None).Within("a frame of the handshake");
        return HandshakeFrame.Parser.ParseFrom(buffer, 0, part.Count);
    }
}
