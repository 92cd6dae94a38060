namespace Notebook.Raft.Tests.Core;

public sealed class MembershipTests
{
    [Fact]
    public void Every_membership_comes_back_as_it_was_written()
    {
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var ids = Enumerable.Range(1, 200).OrderBy(_ => random.Next()).Take(random.Next(Membership.MaxMembers + 1))
                .Select(id => new MemberId(id)).ToArray();
            var voters = random.Next(ids.Length + 1);
            var membership = Membership.Of(ids.Take(voters), ids.Skip(voters));
            var bytes = membership.Write();
            Assert.Equal(membership.Size, bytes.Length);
            Assert.Equal(membership, Membership.Read(bytes));
            if (bytes.Length > 2) Assert.Throws<WireFormatException>(() => Membership.Read(bytes[..random.Next(bytes.Length)]));
            Assert.Throws<WireFormatException>(() => Membership.Read(bytes.ToArray().Append((byte)0).ToArray()));
        }
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0 })]                            // the id 0
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 255 })]                          // a negative id
    [InlineData(new byte[] { 2, 0, 1, 0, 0, 0, 1, 0, 0, 0 })]                // twice a voter
    [InlineData(new byte[] { 1, 1, 1, 0, 0, 0, 1, 0, 0, 0 })]                // voter and learner
    [InlineData(new byte[] { 2, 0, 2, 0, 0, 0, 1, 0, 0, 0 })]                // not sorted
    [InlineData(new byte[] { 255, 255 })]                                    // more than there may be
    public void What_cannot_be_a_membership_is_refused(byte[] bytes) =>
        Assert.Throws<WireFormatException>(() => Membership.Read(bytes));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 2)]
    [InlineData(4, 3)]
    [InlineData(5, 3)]
    public void A_quorum_is_more_than_half(int voters, int quorum) =>
        Assert.Equal(quorum, Membership.Of(Enumerable.Range(1, voters).Select(id => new MemberId(id))).Quorum);
}
