using Orleans.Runtime;

namespace Orleans;

/// <summary>The base of all grain interfaces.</summary>
public interface IGrain : IAddressable;

/// <summary>A grain that is named by a GUID.</summary>
public interface IGrainWithGuidKey : IGrain;

/// <summary>A grain that is named by a number.</summary>
public interface IGrainWithIntegerKey : IGrain;

/// <summary>A grain that is named by a text.</summary>
public interface IGrainWithStringKey : IGrain;

/// <summary>A grain that is named by a GUID and a text.</summary>
public interface IGrainWithGuidCompoundKey : IGrain;

/// <summary>A grain that is named by a number and a text.</summary>
public interface IGrainWithIntegerCompoundKey : IGrain;

/// <summary>The base of interfaces through which grains call back to clients.</summary>
public interface IGrainObserver : IAddressable;
