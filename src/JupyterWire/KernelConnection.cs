using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Notebook.JupyterWire;

/// <summary>A kernel's connection file: where its five sockets are, and the key that signs its messages.</summary>
/// <param name="Transport"><c>tcp</c> or <c>ipc</c>.</param>
/// <param name="Ip">An address, or for ipc the beginning of the sockets' paths.</param>
/// <param name="ShellPort">Port, or for ipc the end of the path.</param>
/// <param name="IopubPort">As <paramref name="ShellPort"/>.</param>
/// <param name="StdinPort">As <paramref name="ShellPort"/>.</param>
/// <param name="ControlPort">As <paramref name="ShellPort"/>.</param>
/// <param name="HeartbeatPort">As <paramref name="ShellPort"/>.</param>
/// <param name="Key">Signs messages.</param>
/// <param name="KernelName">The kernelspec's name.</param>
public sealed record KernelConnection(
    [property: JsonPropertyName("transport")] string Transport,
    [property: JsonPropertyName("ip")] string Ip,
    [property: JsonPropertyName("shell_port")] int ShellPort,
    [property: JsonPropertyName("iopub_port")] int IopubPort,
    [property: JsonPropertyName("stdin_port")] int StdinPort,
    [property: JsonPropertyName("control_port")] int ControlPort,
    [property: JsonPropertyName("hb_port")] int HeartbeatPort,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("kernel_name")] string KernelName = "")
{
    /// <summary>The longest path of a Unix socket, less the terminating zero (<c>sun_path</c>).</summary>
    public const int MaxSocketPath = 107;

    /// <summary>The scheme of <see cref="Key"/>.</summary>
    [JsonPropertyName("signature_scheme")]
    public string SignatureScheme { get; init; } = MessageSigner.Scheme;

    /// <summary>A connection over Unix sockets <c>prefix-1</c> to <c>prefix-5</c>, with a fresh key.</summary>
    /// <exception cref="ArgumentException">The prefix is too long for a Unix socket.</exception>
    public static KernelConnection OverUnixSockets(string prefix, string kernelName)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(prefix) + 2 > MaxSocketPath)
            throw new ArgumentException($"'{prefix}' is too long for a Unix socket: at most {MaxSocketPath - 2} bytes", nameof(prefix));
        return new("ipc", prefix, 1, 2, 3, 4, 5, NewKey(), kernelName);
    }

    /// <summary>A connection over TCP on ports that are free, each 0 until it is bound, with a fresh key.</summary>
    /// <param name="ip">The address to listen at.</param>
    /// <param name="kernelName">The kernelspec's name.</param>
    public static KernelConnection OverTcp(string ip, string kernelName) => new("tcp", ip, 0, 0, 0, 0, 0, NewKey(), kernelName);

    /// <summary>Reads a connection file's text.</summary>
    /// <exception cref="JupyterFormatException">It is no connection file, or signs by another scheme.</exception>
    public static KernelConnection Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var info = JsonSerializer.Deserialize<KernelConnection>(json) ?? throw new JsonException("it is null");
            return info.SignatureScheme == MessageSigner.Scheme
                ? info
                : throw new JupyterFormatException($"a connection signs by '{info.SignatureScheme}', only {MessageSigner.Scheme} is known");
        }
        catch (JsonException e)
        {
            throw new JupyterFormatException($"a connection file cannot be read: {e.Message}", e);
        }
    }

    /// <summary>The text of the connection file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>The ZMQ address of one of the sockets.</summary>
    public string Address(int port) => $"{Transport}://{Ip}{(Transport == "ipc" ? '-' : ':')}{port}";

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
}
