using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Notebook.Hosting;
using Notebook.JupyterWire;
using Notebook.Links;
using Notebook.Links.Protocol;
using Channel = Notebook.Links.Protocol.Channel;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>An agent over a real link, whose kernel says what the test has it say.</summary>
internal sealed class FakeAgent : IAsyncDisposable
{
    public const string KeyText = "0123456789abcdef0123456789abcdef0123456789abcdef";
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Channel<GatewayToAgent> _received = System.Threading.Channels.Channel.CreateUnbounded<GatewayToAgent>();
    private readonly SortedDictionary<ulong, Output> _kept = [];
    private Link? _link;
    private ulong _number;
    private bool _attached;
    private volatile Task _mayRead = Task.CompletedTask;

    private FakeAgent(WebApplication app) => _app = app;

    public Uri Address => new UriBuilder(_app.ListeningAddress()) { Scheme = "ws" }.Uri;

    public ulong DeliveredUpTo { get; private set; }

    public bool Holds { get; set; } = true;

    public static async Task<FakeAgent> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var agent = new FakeAgent(app);
        app.UseWebSockets();
        app.MapLinks(new LinkServices(
            new PeerIdentity("agent", "fake"), ClusterKey.Parse(KeyText, "the test"), TimeProvider.System,
            new Dictionary<string, Func<Link, CancellationToken, Task>> { [LinkPurpose.Data] = agent.ServeAsync }));
        await app.StartAsync();
        return agent;
    }

    /// <summary>The next message of this kind; attachments and deliveries are dealt with by the fake itself.</summary>
    public async Task<GatewayToAgent> NextAsync(GatewayToAgent.BodyOneofCase kind)
    {
        while (true)
        {
            var message = await _received.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
            if (message.BodyCase == kind) return message;
        }
    }

    /// <summary>The kernel says something about a request.</summary>
    public void Say(string replica, Channel channel, string type, JupyterFrame? parent, string content = "{}", params ReadOnlyMemory<byte>[] buffers)
    {
        var id = Guid.NewGuid().ToString("N");
        var frame = new JupyterFrame
        {
            Channel = channel,
            Header = ByteString.CopyFrom(MessageBuilder.WriteHeader(id, type, "kernel-session", "kernel", DateTimeOffset.UnixEpoch)),
            ParentHeader = parent?.Header ?? ByteString.CopyFromUtf8("{}"),
            Metadata = ByteString.CopyFromUtf8("{}"),
            Content = ByteString.CopyFromUtf8(content),
            MessageId = id,
            MessageType = type,
            ParentId = parent?.MessageId ?? "",
            ParentSession = parent is null ? "" : JupyterHeader.Parse(parent.Header.Span).Session,
        };
        frame.Buffers.AddRange(buffers.Select(UnsafeByteOperations.UnsafeWrap));
        Send(replica, frame);
    }

    /// <summary>A replica gives a reply out of the log of a kernel whose executor was lost.</summary>
    public void Recall(string replica, string messageId, string content) => Send(replica, new JupyterFrame
    {
        Channel = Channel.Shell,
        MessageType = "execute_reply",
        ParentId = messageId,
        Content = ByteString.CopyFromUtf8(content),
        Notice = "[notebook] its server was lost",
    });

    private void Send(string replica, JupyterFrame frame)
    {
        lock (_gate)
        {
            var output = new Output { Replica = replica, Number = ++_number, Message = frame };
            _kept[output.Number] = output;
            if (_attached) _link?.TrySend(new AgentToGateway { Output = output });
        }
    }

    /// <summary>Everything that a cell without output says.</summary>
    public void Answer(string replica, JupyterFrame request, string status = "ok")
    {
        Say(replica, Channel.Iopub, "status", request, """{"execution_state":"busy"}""");
        Say(replica, Channel.Shell, request.MessageType.Replace("_request", "_reply", StringComparison.Ordinal), request, $$"""{"status":"{{status}}"}""");
        Say(replica, Channel.Iopub, "status", request, """{"execution_state":"idle"}""");
    }

    /// <summary>Answers every request, in order, for as long as there is the agent.</summary>
    public async Task AnswerAllAsync()
    {
        await foreach (var message in _received.Reader.ReadAllAsync())
        {
            if (message.BodyCase == GatewayToAgent.BodyOneofCase.Stage) Answer(message.Stage.Replica, message.Stage.Message);
            else if (message.BodyCase == GatewayToAgent.BodyOneofCase.Forward) Answer(message.Forward.Replica, message.Forward.Message);
        }
    }

    /// <summary>From the next message on it reads nothing until the caller says so.</summary>
    public TaskCompletionSource StopReading()
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayRead = goOn.Task;
        return goOn;
    }

    public void BreakLink() => _link?.Break("the test says so");

    public async ValueTask DisposeAsync()
    {
        BreakLink();
        _received.Writer.TryComplete();
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(Link link, CancellationToken stop)
    {
        lock (_gate) _link = link;
        await foreach (var message in link.ReadAsync(GatewayToAgent.Parser, stop))
        {
            lock (_gate) Take(link, message);
            _received.Writer.TryWrite(message);
            await _mayRead;
        }
    }

    private void Take(Link link, GatewayToAgent message)
    {
        switch (message.BodyCase)
        {
            case GatewayToAgent.BodyOneofCase.Attach when !Holds:
                link.TrySend(new AgentToGateway { NotHere = new NotHere { Replica = message.Attach.Replica, Reason = "not here" } });
                break;
            case GatewayToAgent.BodyOneofCase.Attach:
                var after = message.Attach.After > _number ? 0 : message.Attach.After;
                var replay = _kept.Values.Where(o => o.Number > after).ToArray();
                link.TrySend(new AgentToGateway
                {
                    Attached = new Attached { Replica = message.Attach.Replica, Next = replay.Length > 0 ? replay[0].Number : _number + 1 },
                });
                foreach (var output in replay) link.TrySend(new AgentToGateway { Output = output });
                _attached = true;
                break;
            case GatewayToAgent.BodyOneofCase.Detach:
                _attached = false;
                break;
            case GatewayToAgent.BodyOneofCase.Delivered:
                DeliveredUpTo = message.Delivered.Number;
                foreach (var number in _kept.Keys.Where(n => n <= DeliveredUpTo).ToArray()) _kept.Remove(number);
                break;
        }
    }
}
