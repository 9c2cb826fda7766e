using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using Agora.Contracts;
using Agora.Contracts.Engine;
using Orleans;

namespace Agora.Embedded;

/// <summary>What carries a call to a grain: the engine itself, or the adversary in front of several.</summary>
public interface IMessagePath
{
    Task<Envelope> Send(Type grain, string key, Envelope request);
}

/// <summary>Makes references whose calls go along one path.</summary>
public sealed class GrainReferences(IMessagePath path) : IGrainFactory
{
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey =>
        (TGrainInterface)(object)GrainReference.New(path, typeof(TGrainInterface), primaryKey);
}

/// <summary>
/// A grain as its callers see it. Markers have no members of their own, so a subclass that only names the marker is complete;
/// it is emitted at the first reference of a kind.
/// </summary>
public abstract class GrainReference : IEntityGrain, IGrainIdentity
{
    private static readonly ModuleBuilder Emitted = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("Agora.Embedded.References"), AssemblyBuilderAccess.Run).DefineDynamicModule("References");
    private static readonly ConcurrentDictionary<Type, Lazy<ConstructorInvoker>> Constructors = new();
    private IMessagePath path = null!;
    private Type grain = null!;

    public string Key { get; private set; } = null!;

    public Task<Envelope> Send(Envelope envelope) => path.Send(grain, Key, envelope);

    internal static GrainReference New(IMessagePath path, Type marker, string key)
    {
        var reference = (GrainReference)Constructors.GetOrAdd(marker, static m => new(() => Emit(m))).Value.Invoke();
        (reference.path, reference.grain, reference.Key) = (path, marker, key);
        return reference;
    }

    private static ConstructorInvoker Emit(Type marker)
    {
        lock (Emitted)
        {
            var type = Emitted.DefineType(marker.FullName!, TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [marker]);
            type.DefineDefaultConstructor(MethodAttributes.Public);
            return ConstructorInvoker.Create(type.CreateType().GetConstructor(Type.EmptyTypes)!);
        }
    }
}
