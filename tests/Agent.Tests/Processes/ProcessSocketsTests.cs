using System.Text;
using Notebook.Agent.Processes;
using Notebook.JupyterWire;
using Notebook.JupyterWire.Zmq;
using Notebook.Links.Protocol;

namespace Notebook.Agent.Tests.Processes;

/// <summary>Against a scripted kernel on real sockets.</summary>
public sealed class ProcessSocketsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nb-zmq-").FullName;
    private readonly ZmqContext _zmq = new();
    private readonly KernelConnection _connection;
    private readonly Inbox<(Channel Channel, FramedMessage Message)> _received = new();
    private readonly Inbox<JupyterFormatException> _malformed = new();
    private readonly MessageBuilder _messages = new("s", "u", TimeProvider.System);

    public ProcessSocketsTests() => _connection = KernelConnection.OverUnixSockets(Path.Combine(_folder, "k"), "");

    public void Dispose()
    {
        _zmq.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_wrong_signature_and_a_malformed_message_are_told_apart_from_good_ones()
    {
        using var shell = new ZmqSocket(_zmq, ZmqSocketType.Router);
        shell.Bind(_connection.Address(_connection.ShellPort));
        var sockets = new ProcessSockets(
            _zmq, _connection, "1", (channel, message) => _received.Add((channel, message)), (_, e) => _malformed.Add(e));
        using var signer = new MessageSigner(_connection.Key);
        using var forger = new MessageSigner("another key");

        var question = _messages.Build("kernel_info_request");
        Assert.True(sockets.TrySend(Channel.Shell, question));
        var poller = new ZmqPoller(shell);
        Assert.True(poller.Wait(Awaiting.Limit), "the kernel gets the question");
        var asked = ZmqFraming.Parse(shell.TryReceive()!, signer);
        Assert.True(asked.SignatureIsRight);
        Assert.Equal(question.Header.ToArray(), asked.Message.Header.ToArray());

        var answer = _messages.Build("kernel_info_reply", parentHeader: asked.Message.Header);
        shell.TrySend(ZmqFraming.Build(answer, forger, asked.Identities));
        shell.TrySend([.. asked.Identities, Encoding.UTF8.GetBytes("no message")]);
        shell.TrySend(ZmqFraming.Build(answer, signer, asked.Identities));

        Assert.False((await _received.NextAsync("the forged answer", _ => true)).Message.SignatureIsRight);
        await _malformed.NextAsync("the malformed answer", _ => true);
        var (channel, good) = await _received.NextAsync("the good answer", _ => true);
        Assert.True(channel == Channel.Shell && good.SignatureIsRight);

        sockets.Close();
        await sockets.Ended.Within("the sockets close");
        Assert.Equal("kernel_info_reply", JupyterHeader.Parse(good.Message.Header.Span).MessageType);
    }

    [Fact]
    public async Task A_kernel_that_reads_nothing_stops_its_senders_at_a_bound()
    {
        var sockets = new ProcessSockets(_zmq, _connection, "1", (_, _) => { }, (_, _) => { });
        var message = _messages.Build("comm_msg", new byte[1 << 20]);
        var taken = 0;
        while (sockets.TrySend(Channel.Shell, message)) Assert.True(++taken < 2_000, "no bound");
        Assert.True(taken >= 250);
        sockets.Close();
        await sockets.Ended.Within("the sockets close");
    }
}
