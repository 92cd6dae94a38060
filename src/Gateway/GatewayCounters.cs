using System.Collections.Concurrent;

namespace Notebook.Gateway;

/// <summary>Counts what operators ask about, by name; <c>GET /admin/counters</c> shows them.</summary>
internal sealed class GatewayCounters
{
    public const string Unauthorized = "requests_without_valid_token";
    public const string ForeignOrigins = "web_sockets_of_foreign_origins";
    public const string MalformedRequests = "malformed_requests";
    public const string MalformedMessages = "malformed_messages";
    public const string OversizedMessages = "oversized_messages";
    public const string RefusedRequests = "requests_refused";
    public const string SlowedMessages = "messages_slowed_down";
    public const string RefusedMessages = "refused_messages";
    public const string UndeliverableOutputs = "undeliverable_outputs";
    public const string LostOutputs = "outputs_no_longer_kept";
    public const string SlowClients = "slow_clients_disconnected";
    public const string StubbedOutputs = "outputs_replaced_as_too_large";
    public const string SiloFailures = "silo_calls_failed";
    public const string AgentLinkFailures = "agent_links_failed";
    public const string MessagesIn = "messages_from_clients";
    public const string MessagesOut = "messages_from_kernels";
    public const string Replays = "outputs_replayed";

    private readonly ConcurrentDictionary<string, long[]> _counts = new(
        from name in (string[])[
            Unauthorized, ForeignOrigins, MalformedRequests, MalformedMessages, OversizedMessages, RefusedRequests, SlowedMessages, RefusedMessages, UndeliverableOutputs,
            LostOutputs, SlowClients, StubbedOutputs, SiloFailures, AgentLinkFailures, MessagesIn, MessagesOut, Replays]
        select KeyValuePair.Create(name, new long[1]));

    public void Add(string name, long count = 1) => Interlocked.Add(ref _counts[name][0], count);

    public long this[string name] => Interlocked.Read(ref _counts[name][0]);

    public IReadOnlyDictionary<string, long> All => new SortedDictionary<string, long>(_counts.ToDictionary(c => c.Key, c => this[c.Key]));
}
