using System.Buffers;
using System.Runtime.InteropServices;

namespace Notebook.JupyterWire.Zmq;

/// <summary>
/// A large frame where libzmq has received it. The memory goes back when nobody holds the frame any more, so who works on a
/// span of it has to hold the frame meanwhile (<see cref="GC.KeepAlive"/>).
/// </summary>
/// <param name="message">libzmq's message, which is ours from now on.</param>
/// <param name="data">Its bytes.</param>
/// <param name="length">How many.</param>
internal sealed unsafe class BorrowedFrame(nint message, byte* data, int length) : MemoryManager<byte>
{
    private readonly Message _message = new(message);

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => new(data, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => new(data + elementIndex, pinnable: this);

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _message.Dispose();

    private sealed class Message : SafeHandle
    {
        public Message(nint message)
            : base(0, ownsHandle: true) => SetHandle(message);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            LibZmq.GiveBackMessage(handle);
            return true;
        }
    }
}
