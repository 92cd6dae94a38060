using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Serialization.Invocation
{
    /// <summary>A call: method and arguments.</summary>
    public interface IInvokable
    {
        /// <summary>How many arguments.</summary>
        int GetArgumentCount();

        /// <summary>One argument.</summary>
        object? GetArgument(int index);

        /// <summary>Replaces one argument.</summary>
        void SetArgument(int index, object? value);

        /// <summary>The method's name.</summary>
        string GetMethodName();

        /// <summary>The interface's name.</summary>
        string GetInterfaceName();

        /// <summary>The interface's method.</summary>
        MethodInfo GetMethod();

        /// <summary>The interface.</summary>
        Type GetInterfaceType();
    }
}

namespace Orleans
{
    /// <summary>A call on its way, as filters see it.</summary>
    public interface IGrainCallContext
    {
        /// <summary>Method and arguments.</summary>
        IInvokable Request { get; }

        /// <summary>The grain object (incoming) or reference (outgoing).</summary>
        object Grain { get; }

        /// <summary>The calling grain; null when a client calls.</summary>
        GrainId? SourceId { get; }

        /// <summary>The grain that is called.</summary>
        GrainId TargetId { get; }

        /// <summary>The interface.</summary>
        GrainInterfaceType InterfaceType { get; }

        /// <summary>The interface's name.</summary>
        string InterfaceName { get; }

        /// <summary>The method's name.</summary>
        string MethodName { get; }

        /// <summary>The interface's method.</summary>
        MethodInfo InterfaceMethod { get; }

        /// <summary>The result, after <see cref="Invoke"/>.</summary>
        object? Result { get; set; }

        /// <summary>Goes on to the next filter, at last to the grain.</summary>
        Task Invoke();
    }

    /// <summary>A call that reaches a grain.</summary>
    public interface IIncomingGrainCallContext : IGrainCallContext
    {
        /// <summary>The activation.</summary>
        IGrainContext TargetContext { get; }

        /// <summary>The grain class's method.</summary>
        MethodInfo ImplementationMethod { get; }
    }

    /// <summary>A call that leaves.</summary>
    public interface IOutgoingGrainCallContext : IGrainCallContext
    {
        /// <summary>The calling activation; null when a client calls.</summary>
        IGrainContext? SourceContext { get; }
    }

    /// <summary>Sees every call before and after the grain's method. A grain class may be one for its own calls.</summary>
    public interface IIncomingGrainCallFilter
    {
        /// <summary>Called for each call; calls <see cref="IGrainCallContext.Invoke"/> to go on.</summary>
        Task Invoke(IIncomingGrainCallContext context);
    }

    /// <summary>Sees every call before it leaves and after its result is there.</summary>
    public interface IOutgoingGrainCallFilter
    {
        /// <summary>Called for each call; calls <see cref="IGrainCallContext.Invoke"/> to go on.</summary>
        Task Invoke(IOutgoingGrainCallContext context);
    }
}
