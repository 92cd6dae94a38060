using System.Buffers;

namespace Notebook.Objects.Tests;

public sealed class CutterTests
{
    private static IReadOnlyList<int> Cut(byte[] value, ChunkingMethod method) => Cutter.Cut(new ReadOnlySequence<byte>(value), method);

    private static HashSet<ChunkRef> Chunks(byte[] value, ChunkingMethod method)
    {
        var (chunks, at) = (new HashSet<ChunkRef>(), 0);
        foreach (var length in Cut(value, method))
        {
            chunks.Add(ChunkRef.Of(value.AsSpan(at, length)));
            at += length;
        }
        return chunks;
    }

    private static double ShareToShip(byte[] before, byte[] after, ChunkingMethod method) =>
        (double)Chunks(after, method).Except(Chunks(before, method)).Sum(chunk => chunk.Length) / after.Length;

    [Theory]
    [InlineData(ChunkingMethod.FixedOffset)]
    [InlineData(ChunkingMethod.ContentDefined)]
    public void Chunks_add_up_to_the_value_and_keep_their_bounds(ChunkingMethod method)
    {
        foreach (var length in (int[])[0, 1, 1000, 32 << 10, 128 << 10, (128 << 10) + 1, 5_000_001])
        {
            var lengths = Cut(Values.Of(length, length), method);
            Assert.Equal(length, lengths.Sum());
            Assert.All(lengths, chunk => Assert.InRange(chunk, 1, ContentCutter.MaxLength));
            Assert.All(lengths.SkipLast(1), chunk => Assert.InRange(chunk, ContentCutter.MinLength, ContentCutter.MaxLength));
        }
    }

    [Fact]
    public void Content_without_change_is_cut_at_the_longest() =>
        Assert.Equal([ContentCutter.MaxLength, ContentCutter.MaxLength, 1], Cut(new byte[2 * ContentCutter.MaxLength + 1], ChunkingMethod.ContentDefined));

    [Fact]
    public void Chunks_of_random_content_are_near_the_length_aimed_at() =>
        Assert.InRange(Cut(Values.Of(1, 20_000_000), ChunkingMethod.ContentDefined).Average(), 80 << 10, 160 << 10);

    [Fact]
    public void Portions_do_not_change_the_cuts()
    {
        var value = Values.Of(2, 3_000_000);
        var whole = Cut(value, ChunkingMethod.ContentDefined);
        for (var seed = 0; seed < 20; seed++)
        {
            var (random, cutter) = (new Random(seed), new ContentCutter());
            for (var at = 0; at < value.Length;)
            {
                var portion = Math.Min(value.Length - at, random.Next(1, seed % 2 == 0 ? 100_000 : 1_000_000));
                cutter.Feed(value.AsSpan(at, portion));
                at += portion;
            }
            Assert.True(whole.SequenceEqual(cutter.Finish()), $"seed {seed}");
        }
    }

    [Fact]
    public void The_cuts_are_those_of_all_earlier_versions()
    {
        // What is stored is found again only if the same bytes are cut alike for ever.
        var value = new byte[1_000_000];
        for (var (i, state) = (0, 1u); i < value.Length; i++) value[i] = (byte)((state = state * 1664525 + 1013904223) >> 24);
        Assert.Equal(Golden, Cut(value, ChunkingMethod.ContentDefined));
    }

    private static readonly int[] Golden = [77548, 61410, 104873, 124447, 137094, 54838, 84907, 113187, 117818, 123878];

    [Fact]
    public void A_part_of_an_array_changed_in_place_ships_little_more_than_the_part()
    {
        var array = Values.Of(3, 64 << 20);
        var changed = array.Changed(20_000_000, array.Length / 100, seed: 4);
        Assert.InRange(ShareToShip(array, changed, ChunkingMethod.FixedOffset), 0.01, 0.02);
        Assert.InRange(ShareToShip(array, changed, ChunkingMethod.ContentDefined), 0.01, 0.02);
    }

    [Fact]
    public void Bytes_put_into_the_middle_ship_a_few_chunks_when_the_content_says_where_to_cut()
    {
        var value = Values.Of(5, 16 << 20);
        byte[] longer = [.. value[..8_000_000], 1, 2, 3, .. value[8_000_000..]];
        var fresh = Chunks(longer, ChunkingMethod.ContentDefined).Except(Chunks(value, ChunkingMethod.ContentDefined));
        Assert.InRange(fresh.Count(), 1, 4);
        // The reason for having two methods.
        Assert.InRange(ShareToShip(value, longer, ChunkingMethod.FixedOffset), 0.5, 1);
    }

    [Fact]
    public void A_list_of_records_with_one_put_into_the_middle_ships_a_few_chunks()
    {
        static byte[] Records(IEnumerable<int> ids) =>
            [.. ids.SelectMany(id => System.Text.Encoding.UTF8.GetBytes($"{{\"id\": {id}, \"score\": {new Random(id).NextDouble()}}}\n"))];
        var (ids, before) = (Enumerable.Range(0, 100_000), Records(Enumerable.Range(0, 100_000)));
        var after = Records([.. ids.Take(50_000), 1_000_000, .. ids.Skip(50_000)]);
        Assert.InRange(Chunks(after, ChunkingMethod.ContentDefined).Except(Chunks(before, ChunkingMethod.ContentDefined)).Count(), 1, 4);
    }
}
