using Microsoft.Extensions.Logging;
using Notebook.Embedded.Hosting;
using Orleans.Runtime;

namespace Notebook.Embedded.Client;

/// <summary>The silo's side of connections from grain clients.</summary>
public sealed class GrainEndpoint
{
    /// <summary>The version of what is said on the wire.</summary>
    internal const int ProtocolVersion = 1;

    private readonly GrainHost _host;
    private readonly WireSide _side;

    internal GrainEndpoint(GrainHost host)
    {
        _host = host;
        _side = new(
            host.Json, new(host.Classes.Interfaces), host.Classes.Interfaces.Find, Receive,
            call => new ClientNotAvailableException($"{call}: the connection to its client broke"),
            host.Options.MaxQueuedCallsPerGrain, host.Log);
    }

    /// <summary>Serves one client until its connection or the host ends. A protocol error or a broken connection throws.</summary>
    public async Task ServeAsync(IGrainTransport transport, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _host.Stopped);
        await using var incoming = transport.ReceiveAsync(end.Token).GetAsyncEnumerator(end.Token);
        if (!await incoming.MoveNextAsync()) return;
        var client = ReadHello(incoming.Current.Span);
        var wire = new GrainWire(transport, _side);
        Action<GrainCall> route = wire.Send;
        if (!transport.TrySend(new FrameWriter(FrameKind.Welcome).Number(ProtocolVersion).Message)) return;
        _host.Clients.Set(client, route);
        _host.Log.LogInformation("grain client {Client} connected", client);
        try
        {
            await wire.RunAsync(incoming, end);
        }
        finally
        {
            _host.Clients.Remove(client, route);
            _host.Log.LogInformation("grain client {Client} disconnected", client);
        }
    }

    private static string ReadHello(ReadOnlySpan<byte> message)
    {
        var frame = new FrameReader(message);
        var kind = (FrameKind)frame.Byte();
        var version = frame.Number();
        if (kind != FrameKind.Hello || version != ProtocolVersion)
        {
            throw new GrainProtocolException($"a grain client must begin with hello, version {ProtocolVersion}; it began with {kind}, version {version}");
        }

        return frame.Text();
    }

    private void Receive(GrainCall call)
    {
        try
        {
            call.Target = _host.Classes.Resolve(call.Target, call.Method.Interface.Type);
        }
        catch (ArgumentException error)
        {
            call.Fail(error);
            return;
        }

        _host.Receive(call);
    }
}
