using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notebook.Gateway.Tests.Fakes;

/// <summary>Makes bodies of requests that are wrong in all the ways in which a body can be.</summary>
internal sealed class JsonMutations(Random random)
{
    private static readonly string[] s_values =
    [
        "null", "true", "0", "-1", "1e400", "123456789012345678901234567890", "\"\"", "[]", "{}", "[[]]", """{"":{}}""", "\"\\ud800\"", "\"\\u0000\"",
        "\"../../etc/passwd\"", "\"111-111-111-111-111\"", "\"python3\"", "\"%s%n\"", "\"\u202e\"", """[{"id":1}]""",
    ];

    /// <summary>One of the ways, made of a body that is right.</summary>
    public byte[] Next(string right)
    {
        var bytes = Encoding.UTF8.GetBytes(right);
        switch (random.Next(10))
        {
            case 0:
                random.NextBytes(bytes = new byte[random.Next(200)]);
                return bytes;
            case 1:
                return bytes[..random.Next(bytes.Length)];
            case 2:
                for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            case 3:
                return Encoding.UTF8.GetBytes(Nested());
            case 4:
                return Encoding.UTF8.GetBytes(WithValue(right, Nested()));
            case 5:
                var at = random.Next(bytes.Length);
                return [.. bytes[..at], .. (byte[])[0xff, 0xc0, 0x80, 0xed, 0xa0, 0x80], .. bytes[at..]];
            case 6:
                return Encoding.UTF8.GetBytes(WithValue(right, JsonSerializer.Serialize(new string('x', random.Next(1, 100_000)))));
            case 7:
                var name = Names(right).ElementAt(random.Next(Names(right).Count()));
                return Encoding.UTF8.GetBytes($"{right.TrimEnd()[..^1]},{JsonSerializer.Serialize(name)}:{Value()}}}");
            default:
                return Encoding.UTF8.GetBytes(WithValue(right, Value()));
        }
    }

    private string Value() => s_values[random.Next(s_values.Length)];

    private string Nested()
    {
        var depth = random.Next(1, 20_000);
        return random.Next(3) switch
        {
            0 => new string('[', depth),
            1 => new string('[', depth) + new string(']', depth),
            _ => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth),
        };
    }

    /// <summary>The same with another value somewhere.</summary>
    private string WithValue(string right, string value)
    {
        var root = JsonNode.Parse(right)!.AsObject();
        var at = root;
        while (true)
        {
            var property = at.ElementAt(random.Next(at.Count));
            if (property.Value is JsonObject { Count: > 0 } inner && random.Next(2) == 0)
            {
                at = inner;
                continue;
            }

            at[property.Key] = "here it is";
            return root.ToJsonString().Replace("\"here it is\"", value, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Names(string right) => JsonNode.Parse(right)!.AsObject().Select(p => p.Key);
}
