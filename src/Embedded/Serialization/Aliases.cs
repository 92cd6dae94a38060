using System.Reflection;
using Orleans;

namespace Notebook.Embedded.Serialization;

/// <summary>Names by <see cref="AliasAttribute"/>. A record does not have its base's alias, though the attribute is inherited.</summary>
internal static class Aliases
{
    public static string? Of(MemberInfo member) => member.GetCustomAttributes<AliasAttribute>(inherit: false).FirstOrDefault()?.Alias;
}
