using Notebook.Grains.Cluster;

namespace Notebook.Grains.Tests.Cluster;

public sealed class KernelRegisterTests
{
    [Fact]
    public void Kernels_are_those_of_the_long_list_and_of_the_changes()
    {
        var register = new KernelRegister(
            new KernelsRecord { Kernels = [new("a"), new("b")] },
            new KernelChangesRecord { Changes = [new(new("c"), false), new(new("a"), true), new(new("b"), false)] });
        Assert.Equal(["b", "c"], register.Kernels.Select(k => k.Value));
    }

    [Fact]
    public void Whenever_a_crash_comes_no_kernel_is_forgotten_and_none_comes_back()
    {
        var (all, changes) = (new KernelsRecord(), new KernelChangesRecord());
        var register = new KernelRegister(all, changes);
        var expected = new List<KernelId>();
        for (var i = 0; i < 3 * KernelRegister.MaxChanges; i++)
        {
            var (kernel, ends) = i % 3 == 2 ? (expected[0], true) : (new KernelId($"k{i}"), false);
            Assert.True(register.Note(kernel, ends));
            if (ends) expected.RemoveAt(0);
            else expected.Add(kernel);
            if (register.IsDue)
            {
                all = register.All;
                Assert.Equal(expected, new KernelRegister(all, changes).Kernels);   // a crash between the two writes
                register.Written();
            }

            changes = register.Changes;
            Assert.True(changes.Changes.Length < KernelRegister.MaxChanges);
            Assert.Equal(expected, new KernelRegister(all, changes).Kernels);
        }
    }

    [Fact]
    public void What_is_no_news_changes_nothing()
    {
        var register = new KernelRegister(new(), new());
        Assert.False(register.Note(new("a"), ended: true));
        Assert.True(register.Note(new("a"), ended: false));
        Assert.False(register.Note(new("a"), ended: false));
        Assert.Single(register.Changes.Changes);
    }
}
