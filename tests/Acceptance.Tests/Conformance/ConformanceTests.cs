using Notebook.Acceptance.Tests.Platform;

namespace Notebook.Acceptance.Tests.Conformance;

/// <summary>
/// What the Jupyter messaging protocol says of each message type, and what a kernel of several replicas must not change in
/// it: each rule on a quiet kernel, with another executor for each request, and with a connection that breaks in the
/// middle. What holds for every request (one <c>busy</c>, one <c>idle</c>, its replies, parent headers, one session,
/// the same outputs for who looks on) is checked of every request (<see cref="Exchange.Check"/>, <see cref="Conversation.CheckAll"/>).
/// </summary>
[Collection(PlatformGroup.Name)]
public sealed partial class ConformanceTests(ConformanceFixture conversations) : IClassFixture<ConformanceFixture>
{
    public static TheoryData<Circumstance> Circumstances => [.. Enum.GetValues<Circumstance>()];

    private Conversation In(Circumstance circumstance) => conversations.In(circumstance);
}
