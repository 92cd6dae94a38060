using System.Text.Json;
using Notebook.Embedded.Hosting;
using Notebook.Embedded.Serialization;
using Orleans.Runtime;

namespace Notebook.Embedded.Client;

/// <summary>A call on the wire, and its result.</summary>
internal static class WireCall
{
    public static ReadOnlyMemory<byte> Write(long number, GrainCall call, GrainJson json)
    {
        var frame = new FrameWriter(FrameKind.Call).Number(number)
            .Text(call.Target.ToString()).Text(call.Method.Interface.Name).Text(call.Method.Name);
        WireContext.Write(frame, call.Context);
        using var writer = new Utf8JsonWriter(frame.Rest);
        writer.WriteStartArray();
        for (var i = 0; i < call.Arguments.Length; i++)
        {
            // The token itself stays here; a Cancel message tells the other side.
            if (i == call.Method.CancellationIndex) writer.WriteNullValue();
            else JsonSerializer.Serialize(writer, call.Arguments[i], call.Method.ParameterTypes[i], json.Options);
        }

        writer.WriteEndArray();
        writer.Flush();
        return frame.Message;
    }

    /// <summary>Reads what comes after the call number.</summary>
    public static GrainCall Read(ref FrameReader frame, GrainJson json, Func<string, Type?> interfaceNamed)
    {
        var (target, name, methodName) = (frame.Text(), frame.Text(), frame.Text());
        if (!GrainId.TryParse(target, out var id)) throw new GrainProtocolException($"\"{target}\" is not a grain id");
        var type = interfaceNamed(name) ?? throw new OrleansException($"there is no grain interface \"{name}\" here: are both sides of the same version?");
        var method = InterfaceShape.Of(type).Find(methodName)
            ?? throw new OrleansException($"{name} has no method \"{methodName}\" here: are both sides of the same version?");
        var context = WireContext.Read(ref frame);
        var call = method.NewCall(id, Arguments(frame.Rest, method, json));
        call.Context = context;
        return call;
    }

    public static ReadOnlyMemory<byte> WriteResult(long number, GrainCall call, GrainJson json)
    {
        var frame = new FrameWriter(FrameKind.Result).Number(number);
        if (call.Method.ResultType is { } type)
        {
            using var writer = new Utf8JsonWriter(frame.Rest);
            JsonSerializer.Serialize(writer, call.Value, type, json.Options);
        }

        return frame.Message;
    }

    public static object? ReadResult(ReadOnlySpan<byte> rest, GrainCall call, GrainJson json) =>
        call.Method.ResultType is { } type ? JsonSerializer.Deserialize(rest, type, json.Options) : null;

    private static object?[] Arguments(ReadOnlySpan<byte> text, MethodShape method, GrainJson json)
    {
        var arguments = new object?[method.ParameterTypes.Length];
        var reader = new Utf8JsonReader(text);
        reader.Read();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!reader.Read() || reader.TokenType == JsonTokenType.EndArray)
            {
                throw new OrleansException($"{method.Interface.Name}.{method.Name} takes {arguments.Length} arguments, {i} came: are both sides of the same version?");
            }

            arguments[i] = i == method.CancellationIndex
                ? CancellationToken.None
                : JsonSerializer.Deserialize(ref reader, method.ParameterTypes[i], json.Options);
        }

        return arguments;
    }
}
