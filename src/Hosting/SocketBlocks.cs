using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Notebook.Hosting;

/// <summary>
/// Blocks of 64 KiB for what arrives on the web server's sockets and leaves by them. With its own, of 4 KiB, each read from
/// a socket brings 4 KiB: a buffer of 200 MB takes fifty thousand of them. A connection that rests holds none.
/// </summary>
internal sealed class SocketBlocks : IMemoryPoolFactory<byte>
{
    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private const int BlockBytes = 64 << 10;
        private const int MostKept = 512;
        private readonly ConcurrentQueue<Block> _free = [];

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            return _free.TryDequeue(out var block) ? block : new Block(this);
        }

        protected override void Dispose(bool disposing) => _free.Clear();

        private void GiveBack(Block block)
        {
            if (_free.Count < MostKept) _free.Enqueue(block);
        }

        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

            public void Dispose() => pool.GiveBack(this);
        }
    }
}
