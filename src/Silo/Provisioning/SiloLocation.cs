namespace Notebook.Silo.Provisioning;

/// <summary>Where this silo is found.</summary>
/// <param name="Listening">Its address; known once it listens.</param>
internal sealed record SiloLocation(Func<Uri> Listening)
{
    /// <summary>What an agent is told, such as <c>ws://127.0.0.1:9000/</c>.</summary>
    public Uri ForAgents => new UriBuilder(Listening()) { Scheme = "ws" }.Uri;
}
