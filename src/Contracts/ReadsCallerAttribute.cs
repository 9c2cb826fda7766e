using Orleans.Metadata;
using Orleans.Runtime;

namespace Agora.Contracts;

/// <summary>Says in the cluster's manifest that a silo finds callers' tokens in envelopes.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReadsCallerAttribute : Attribute, IGrainPropertiesProviderAttribute
{
    /// <summary>The property of the grain's type.</summary>
    public const string Property = "agora.reads-caller";

    public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties) => properties[Property] = "envelope";
}
