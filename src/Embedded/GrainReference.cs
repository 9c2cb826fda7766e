using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using Agora.Contracts;
using Agora.Contracts.Engine;
using Orleans;

namespace Agora.Embedded;

/// <summary>What carries a call to a grain: the engine itself, or an adversary in front of several.</summary>
public interface IMessagePath
{
    Task<Envelope> Send(Type grain, string key, Envelope request);

    /// <inheritdoc cref="IPosts.Post"/>
    void Post(Type grain, string key, Envelope request, TimeSpan? atMost, IReply reply);
}

/// <summary>Makes references whose calls go along one path.</summary>
public sealed class GrainReferences(IMessagePath path) : IGrainFactory, IPosts
{
    public void Post(Type grain, string key, Envelope envelope, TimeSpan? atMost, IReply reply) => path.Post(grain, key, envelope, atMost, reply);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => (TGrainInterface)GetGrain(typeof(TGrainInterface), primaryKey);

    public IGrain GetGrain(Type grainInterfaceType, string grainPrimaryKey)
    {
        var reference = (GrainReference)Constructors.GetOrAdd(grainInterfaceType, static marker => new(() => GrainReference.Emit(marker))).Value.Invoke();
        reference.Bind(path, grainInterfaceType, grainPrimaryKey);
        return reference;
    }

    private static readonly ConcurrentDictionary<Type, Lazy<ConstructorInvoker>> Constructors = [];
}

/// <summary>
/// A grain as its callers see it. Markers have no members of their own, so a subclass that only names the marker is complete;
/// it is emitted at the first reference of a kind.
/// </summary>
public abstract class GrainReference : IEntityGrain, IGrainIdentity
{
    private static readonly ModuleBuilder Emitted = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("Agora.Embedded.References"), AssemblyBuilderAccess.Run).DefineDynamicModule("References");
    private (IMessagePath Path, Type Grain, string Key) _target;

    string IGrainIdentity.Key => _target.Key;

    public Task<Envelope> Send(Envelope envelope) => _target.Path.Send(_target.Grain, _target.Key, envelope);

    internal void Bind(IMessagePath path, Type grain, string key) => _target = (path, grain, key);

    internal static ConstructorInvoker Emit(Type marker)
    {
        var type = Emitted.DefineType(marker.FullName!, TypeAttributes.Public | TypeAttributes.Sealed, typeof(GrainReference), [marker]);
        type.DefineDefaultConstructor(MethodAttributes.Public);
        return ConstructorInvoker.Create(type.CreateType().GetConstructor(Type.EmptyTypes)!);
    }
}
