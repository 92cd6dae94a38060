using System.Reflection;
using System.Reflection.Emit;

namespace Notebook.Grains.Tests.Policies;

/// <summary>Writes assemblies with one public class, <c>ASSEMBLY.Policy</c>, that is a policy, or nearly.</summary>
internal sealed class PluginWriter(string folder)
{
    /// <summary>A policy that throws when it is asked.</summary>
    /// <param name="assembly">The assembly, and the file.</param>
    /// <param name="contract">The policy interface.</param>
    /// <param name="name">The policy's name.</param>
    /// <param name="constructor">What its constructor does after its base's; null for nothing.</param>
    /// <param name="parameters">Its constructor's parameters.</param>
    /// <param name="parent">Its base class.</param>
    public void Write(
        string assembly, Type contract, string? name, Action<ILGenerator>? constructor = null, Type[]? parameters = null, Type? parent = null)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName(assembly), typeof(object).Assembly);
        var type = builder.DefineDynamicModule(assembly).DefineType(
            $"{assembly}.Policy", TypeAttributes.Public | TypeAttributes.Class, parent ?? typeof(object), [contract]);

        var made = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, parameters ?? []).GetILGenerator();
        made.Emit(OpCodes.Ldarg_0);
        made.Emit(OpCodes.Call, (parent ?? typeof(object)).GetConstructor([])!);
        constructor?.Invoke(made);
        made.Emit(OpCodes.Ret);

        foreach (var asked in contract.GetInterfaces().Append(contract).SelectMany(i => i.GetMethods()).Where(m => m.IsAbstract))
        {
            var method = type.DefineMethod(
                asked.Name, MethodAttributes.Public | MethodAttributes.Virtual, asked.ReturnType, [.. asked.GetParameters().Select(p => p.ParameterType)]);
            var body = method.GetILGenerator();
            if (asked.Name == "get_Name")
            {
                if (name is null) body.Emit(OpCodes.Ldnull);
                else body.Emit(OpCodes.Ldstr, name);
                body.Emit(OpCodes.Ret);
            }
            else
            {
                Throw(body, "asked");
            }

            type.DefineMethodOverride(method, asked);
        }

        type.CreateType();
        builder.Save(Path.Combine(folder, $"{assembly}.dll"));
    }

    /// <summary>An assembly with a class <c>ASSEMBLY.Parent</c> and nothing else.</summary>
    public void WriteParent(string assembly)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName(assembly), typeof(object).Assembly);
        var type = builder.DefineDynamicModule(assembly).DefineType($"{assembly}.Parent", TypeAttributes.Public | TypeAttributes.Class);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        type.CreateType();
        builder.Save(Path.Combine(folder, $"{assembly}.dll"));
    }

    public static void Throw(ILGenerator body, string message)
    {
        body.Emit(OpCodes.Ldstr, message);
        body.Emit(OpCodes.Newobj, typeof(InvalidOperationException).GetConstructor([typeof(string)])!);
        body.Emit(OpCodes.Throw);
    }

    /// <summary>Waits for ever.</summary>
    public static void Hang(ILGenerator body)
    {
        body.Emit(OpCodes.Ldc_I4_M1);
        body.Emit(OpCodes.Call, typeof(Thread).GetMethod(nameof(Thread.Sleep), [typeof(int)])!);
    }
}
