using System.Text.Json.Serialization;

namespace Notebook.Gateway.Http;

/// <summary>A session as Jupyter's REST API shows it.</summary>
internal sealed record SessionModel(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("path")] string Path,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("kernel")] KernelModel Kernel,
    [property: JsonPropertyName("notebook"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SessionModel.Document? Notebook)
{
    /// <summary>A notebook, as clients read it once.</summary>
    public sealed record Document([property: JsonPropertyName("path")] string Path, [property: JsonPropertyName("name")] string Name);

    public static SessionModel Of(JupyterSession session, KernelModel kernel) => new(
        session.Id, session.Path, session.Name, session.Type, kernel,
        session.Type == "notebook" ? new Document(session.Path, session.Name) : null);
}
