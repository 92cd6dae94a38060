using System.Buffers;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>Memory that whoever looks into it waits for: a message whose buffer it is stops on its way out in the middle.</summary>
internal sealed class HeldMemory(byte[] bytes)
{
    private readonly TaskCompletionSource _released = new();

    public ReadOnlyMemory<byte> Memory => new Manager(bytes, _released.Task).Memory;

    /// <summary>Lets everybody look.</summary>
    public void Release() => _released.TrySetResult();

    private sealed class Manager(byte[] bytes, Task released) : MemoryManager<byte>
    {
        private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

        public override Memory<byte> Memory => CreateMemory(bytes.Length);

        public override Span<byte> GetSpan() => released.Wait(s_limit) ? bytes : throw new InvalidOperationException("nobody has released the memory");

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("nobody pins it");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
