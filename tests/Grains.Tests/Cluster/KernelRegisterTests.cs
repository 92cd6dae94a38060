using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

public sealed class KernelRegisterTests
{
    [Fact]
    public void Kernels_are_those_of_the_long_list_and_of_the_changes()
    {
        var register = new KernelRegister(
            new KernelsRecord { Kernels = [new("a"), new("b")] },
            new KernelChangesRecord { Changes = [new(new("c"), false), new(new("a"), true), new(new("b"), false)], Started = "d b", Ended = "c" });
        Assert.Equal(["b", "d"], register.Kernels.Select(k => k.Value));
    }

    /// <summary>Kernels of a few names come and go, so that what is in one list is undone in another.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(300)]
    public void Whenever_a_crash_comes_no_kernel_is_forgotten_and_none_comes_back(int names)
    {
        var disk = new Disk();
        var (register, random) = (disk.Read(), new Random(names));
        var expected = new HashSet<KernelId>();
        for (var i = 0; i < 4 * KernelRegister.MaxChanges; i++)
        {
            var kernel = new KernelId($"k{random.Next(names)}");
            var ends = expected.Contains(kernel);
            Assert.True(register.Note(kernel, ends));
            if (ends) expected.Remove(kernel);
            else expected.Add(kernel);
            disk.Store(register, () => Check(expected, disk.Read()));
            Check(expected, register);
            if (random.Next(100) == 0) register = disk.Read();
        }
    }

    [Fact]
    public void What_is_no_news_changes_nothing()
    {
        var register = new KernelRegister(new(), new());
        Assert.False(register.Note(new("a"), ended: true));
        Assert.True(register.Note(new("a"), ended: false));
        Assert.False(register.Note(new("a"), ended: false));
        Assert.Equal("a", register.Changes.Started);
    }

    private static void Check(HashSet<KernelId> expected, KernelRegister register)
    {
        Assert.Equal(expected.Count, register.Count);
        Assert.All(expected, kernel => Assert.True(register.Has(kernel)));
    }

    /// <summary>The two records, written as the cluster manager writes them.</summary>
    private sealed class Disk
    {
        private KernelsRecord _all = new();
        private KernelChangesRecord _changes = new();

        public KernelRegister Read() => new(_all, _changes);

        public void Store(KernelRegister register, Action afterEach)
        {
            _changes = register.Changes;
            afterEach();
            if (!register.IsDue) return;
            _all = register.All;
            afterEach();
            register.Written();
        }
    }
}
