using Orleans.Metadata;
using Orleans.Runtime;

namespace Agora.Contracts;

/// <summary>Says in the cluster's manifest what the entities of a silo understand, for silos of other releases.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainFeaturesAttribute : Attribute, IGrainPropertiesProviderAttribute
{
    /// <summary>Callers' tokens are found in envelopes (release 0.7 and before: beside them only).</summary>
    public const string ReadsCaller = "agora.reads-caller";

    /// <summary>The names of the grain's own methods (<see cref="GrainMethods"/>), with commas between them.</summary>
    public const string Methods = "agora.methods";

    public void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        properties[ReadsCaller] = "envelope";
        properties[Methods] = string.Join(',', grainClass.GetInterfaces().SelectMany(GrainMethods.NamesOf));
    }
}
