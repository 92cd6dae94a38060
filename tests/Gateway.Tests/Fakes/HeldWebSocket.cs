using System.Net.WebSockets;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>
/// The gateway's end of a connection whose client has a message before the write of it has returned, as when the writing
/// thread is put aside in between. A real connection cannot be held there.
/// </summary>
internal sealed class HeldWebSocket : WebSocket
{
    // What waits for it runs on the thread that drops the connection, and is over when the call returns.
    private readonly TaskCompletionSource<ValueWebSocketReceiveResult> _received = new();
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _mayReturn = new();
    private WebSocketState _state = WebSocketState.Open;

    /// <summary>Ends when the client has the message.</summary>
    public Task Written => _written.Task;

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => _state;

    public override string? SubProtocol => null;

    /// <summary>The client drops the connection.</summary>
    public void Drop() => _received.SetException(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));

    /// <summary>The write returns.</summary>
    public void LetWriteReturn() => _mayReturn.Set();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_state == WebSocketState.Aborted, this);
        _written.TrySetResult();
        Assert.True(_mayReturn.Wait(TimeSpan.FromSeconds(20), cancellationToken), "the test never let the write return");
        ObjectDisposedException.ThrowIf(_state == WebSocketState.Aborted, this);   // aborted in the middle of it
        return Task.CompletedTask;
    }

    public override ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) => new(_received.Task);

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override void Abort() => _state = WebSocketState.Aborted;

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override void Dispose() => _mayReturn.Dispose();
}
