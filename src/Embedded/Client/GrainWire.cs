using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Notebook.Embedded.Hosting;
using Notebook.Embedded.Serialization;
using Orleans.Runtime;

namespace Notebook.Embedded.Client;

/// <summary>What a wire needs of the side that it belongs to.</summary>
/// <param name="Json">How values are written.</param>
/// <param name="Failures">How exceptions are read.</param>
/// <param name="InterfaceNamed">Finds interfaces.</param>
/// <param name="Receive">Takes calls of the other side.</param>
/// <param name="Lost">What calls in flight fail with when the wire breaks.</param>
/// <param name="MaxOutstanding">Calls that may wait for the other side's answer.</param>
/// <param name="Log">Where failures go that nobody waits for.</param>
internal sealed record WireSide(
    GrainJson Json, WireFailure Failures, Func<string, Type?> InterfaceNamed, Action<GrainCall> Receive,
    Func<GrainCall, Exception> Lost, int MaxOutstanding, ILogger Log);

/// <summary>
/// Calls in both directions over one transport, many at once: each has a number, and its answer bears it. Both sides
/// are the same but for who said hello.
/// </summary>
internal sealed class GrainWire(IGrainTransport transport, WireSide side)
{
    private readonly ConcurrentDictionary<long, GrainCall> _outstanding = new();
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _serving = new();
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastNumber;
    private volatile bool _closed;

    /// <summary>Sends a call. Everything that goes wrong becomes its answer.</summary>
    public void Send(GrainCall call)
    {
        if (!TrySend(call)) call.Fail(side.Lost(call));
    }

    /// <summary>Sends a call, unless the wire has ended. Everything else that goes wrong becomes the call's answer.</summary>
    /// <returns>False when the wire has ended: nothing was sent, and another wire may take the call.</returns>
    public bool TrySend(GrainCall call)
    {
        if (_closed) return false;
        if (_outstanding.Count >= side.MaxOutstanding)
        {
            call.Fail(new LimitExceededException($"{call}: {side.MaxOutstanding} calls wait for answers already"));
            return true;
        }

        var number = call.Method.OneWay ? 0 : Interlocked.Increment(ref _lastNumber);
        try
        {
            var message = WireCall.Write(number, call, side.Json);
            if (number != 0)
            {
                _outstanding[number] = call;
                call.Released = () => GiveUp(number, call);
            }

            if (_closed) return !TakeBack(call, number);
            if (!transport.TrySend(message)) Fail(call, number);
            else if (number == 0) call.Succeed(null);
            else if (call.IsObsolete) GiveUp(number, call);
        }
        catch (Exception error)
        {
            // Of the values' own code, for most: whoever sends for many must not fail for one.
            call.Fail(error);
        }

        return true;
    }

    /// <summary>Serves the wire until it ends; then every call in flight has failed.</summary>
    /// <param name="incoming">The messages after the greeting.</param>
    /// <param name="end">Ends it; what reads <paramref name="incoming"/> must have its token.</param>
    public async Task RunAsync(IAsyncEnumerator<ReadOnlyMemory<byte>> incoming, CancellationTokenSource end)
    {
        var receiving = ReceiveAllAsync(incoming);
        try
        {
            await await Task.WhenAny(receiving, _broken.Task);
        }
        finally
        {
            _closed = true;
            await end.CancelAsync();
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var number in _outstanding.Keys)
            {
                if (_outstanding.TryRemove(number, out var call)) call.Fail(side.Lost(call));
            }

            foreach (var serving in _serving.Values) await serving.CancelAsync();
        }
    }

    private async Task ReceiveAllAsync(IAsyncEnumerator<ReadOnlyMemory<byte>> incoming)
    {
        while (await incoming.MoveNextAsync()) Take(incoming.Current.Span);
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        var frame = new FrameReader(message);
        var kind = (FrameKind)frame.Byte();
        var number = frame.Number();
        switch (kind)
        {
            case FrameKind.Call:
                Serve(number, ref frame);
                break;
            case FrameKind.Result when _outstanding.TryRemove(number, out var call):
                Answer(call, frame.Rest);
                break;
            case FrameKind.Failure when _outstanding.TryRemove(number, out var call):
                Fail(call, ref frame);
                break;
            case FrameKind.Cancel when _serving.TryGetValue(number, out var serving):
                serving.Cancel();
                break;
            case FrameKind.Result or FrameKind.Failure or FrameKind.Cancel:
                break; // Given up, timed out or ended in the meantime: nobody waits for it.
            default:
                throw new GrainProtocolException($"a message of unknown kind {(byte)kind}");
        }
    }

    private void Answer(GrainCall call, ReadOnlySpan<byte> result)
    {
        try
        {
            call.Succeed(WireCall.ReadResult(result, call, side.Json));
        }
        catch (Exception error)
        {
            // Whatever a value's own code throws: nobody else knows of this call any more.
            call.Fail(new OrleansException($"{call}: its result cannot be read: {error.Message}", error));
        }
    }

    private void Fail(GrainCall call, ref FrameReader frame)
    {
        try
        {
            call.Fail(side.Failures.Read(ref frame));
        }
        catch (Exception error)
        {
            call.Fail(new OrleansException($"{call}: it failed, and why cannot be read: {error.Message}", error));
            throw;
        }
    }

    private void Serve(long number, ref FrameReader frame)
    {
        GrainCall call;
        try
        {
            call = WireCall.Read(ref frame, side.Json, side.InterfaceNamed);
        }
        catch (Exception error) when (error is OrleansException or System.Text.Json.JsonException or NotSupportedException or ArgumentException)
        {
            side.Log.LogWarning(error, "a call from another process cannot be read");
            if (number != 0) Reply(WireFailure.Write(number, error));
            return;
        }

        if (number != 0)
        {
            if (call.Method.CancellationIndex >= 0)
            {
                var source = _serving[number] = new();
                call.Arguments[call.Method.CancellationIndex] = source.Token;
            }

            call.Released = () => Reply(number, call);
        }

        side.Receive(call);
    }

    private void Reply(long number, GrainCall call)
    {
        _serving.TryRemove(number, out _);
        try
        {
            Reply(call.Error is { } error ? WireFailure.Write(number, error) : WireCall.WriteResult(number, call, side.Json));
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or NotSupportedException or InvalidOperationException)
        {
            Reply(WireFailure.Write(number, new OrleansException($"{call}: its result cannot be written: {error.Message}")));
        }
    }

    // An answer must not be lost while the wire lives: a side that lets so many pile up does not keep up, and is cut off.
    private void Reply(ReadOnlyMemory<byte> message)
    {
        if (!transport.TrySend(message) && !_closed) _broken.TrySetException(new IOException("the other side does not keep up, or is gone"));
    }

    private void GiveUp(long number, GrainCall call)
    {
        // Removed here, not by its answer: the caller has timed out or cancelled.
        if (!_outstanding.TryRemove(number, out _) || !call.Answer.IsCanceled) return;
        transport.TrySend(new FrameWriter(FrameKind.Cancel).Number(number).Message);
    }

    /// <returns>False when its end has failed it already.</returns>
    private bool TakeBack(GrainCall call, long number)
    {
        if (number != 0 && !_outstanding.TryRemove(number, out _)) return false;
        call.Released = null;
        return true;
    }

    private void Fail(GrainCall call, long number)
    {
        _outstanding.TryRemove(number, out _);
        call.Fail(_closed
            ? side.Lost(call)
            : new LimitExceededException($"{call}: the other side does not keep up with what is sent, or is gone"));
    }
}
