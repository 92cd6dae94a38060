using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Notebook.JupyterWire;
using Notebook.Links;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests;

/// <summary>A gateway as an agent sees it: stages cells, forwards messages, takes outputs.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly Link _link;
    private readonly MessageBuilder _messages = new("client", "tester", TimeProvider.System);

    private FakeGateway(Link link)
    {
        _link = link;
        Reading = ReadAsync();
    }

    public Inbox<Output> Outputs { get; } = new();

    public Inbox<Attached> Attachments { get; } = new();

    public Inbox<NotHere> Refusals { get; } = new();

    public Task Reading { get; }

    public static async Task<FakeGateway> DialAsync(Uri agent, ClusterKey key, string id = "gateway") => new(
        await new LinkDialer(new PeerIdentity("gateway", id), key, TimeProvider.System).DialAsync(agent, LinkPurpose.Data, default));

    public async Task<Attached> AttachAsync(string replica, ulong after = 0)
    {
        Send(new() { Attach = new() { Replica = replica, After = after } });
        return await Attachments.NextAsync($"attached to {replica}", a => a.Replica == replica);
    }

    public void Send(GatewayToAgent message) => Assert.True(_link.TrySend(message), "the message was not sent");

    public string Stage(string replica, string code, string? messageId = null)
    {
        var cell = Cell(code, messageId);
        Send(new() { Stage = new() { Replica = replica, Message = cell } });
        return cell.MessageId;
    }

    public string Forward(string replica, Channel channel, string type, object content, params byte[][] buffers)
    {
        var frame = Frame(channel, type, content, null);
        frame.Buffers.AddRange(buffers.Select(buffer => ByteString.CopyFrom(buffer)));
        Send(new() { Forward = new() { Replica = replica, Message = frame } });
        return frame.MessageId;
    }

    public JupyterFrame Cell(string code, string? messageId = null) => Frame(Channel.Shell, "execute_request", new
    {
        code,
        silent = false,
        store_history = true,
        user_expressions = new { },
        allow_stdin = true,
        stop_on_error = true,
    }, messageId);

    public Task<Output> NextAsync(string parent, string type, string text = "", TimeSpan? limit = null) => Outputs.NextAsync(
        $"{type} of {parent} with '{text}'",
        o => o.Message.ParentId == parent && o.Message.MessageType == type && o.Text().Contains(text, StringComparison.Ordinal), limit);

    /// <summary>All that a cell prints up to this text, in however many messages it comes.</summary>
    public async Task<string> PrintedAsync(string parent, string end)
    {
        var printed = "";
        while (!printed.Contains(end, StringComparison.Ordinal))
            printed += JsonDocument.Parse((await NextAsync(parent, "stream")).Text()).RootElement.GetProperty("text").GetString();
        return printed;
    }

    public Task<Output> ReplyAsync(string parent, TimeSpan? limit = null) => NextAsync(parent, "execute_reply", "", limit);

    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync();
        await Reading;
    }

    private JupyterFrame Frame(Channel channel, string type, object content, string? messageId)
    {
        var message = _messages.Build(type, JsonSerializer.SerializeToUtf8Bytes(content));
        var id = messageId ?? JupyterHeader.Parse(message.Header.Span).MessageId;
        return new JupyterFrame
        {
            Channel = channel,
            Header = ByteString.CopyFrom(MessageBuilder.WriteHeader(id, type, "client", "tester", "2026-11-21T15:00:00.000000Z")),
            ParentHeader = ByteString.CopyFromUtf8("{}"),
            Metadata = ByteString.CopyFromUtf8("{}"),
            Content = ByteString.CopyFrom(message.Content.Span),
            MessageId = id,
            MessageType = type,
        };
    }

    private async Task ReadAsync()
    {
        await foreach (var message in _link.ReadAsync(AgentToGateway.Parser))
        {
            if (message.Output is { } output) Outputs.Add(output);
            if (message.Attached is { } attached) Attachments.Add(attached);
            if (message.NotHere is { } refusal) Refusals.Add(refusal);
        }

        var reason = $"the gateway's link is gone: {await _link.Closed}";
        Outputs.End(reason);
        Attachments.End(reason);
        Refusals.End(reason);
    }
}

internal static class OutputExtensions
{
    public static string Text(this Output output) => Encoding.UTF8.GetString(output.Message.Content.Span);
}
