using Agora.Contracts;
using Agora.Core.Kernel;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace Agora.Grains.Kernel;

/// <summary>The shell by which Orleans keeps an activation of an entity. A key that is not the name of a stream of its kind is refused with ArgumentException, and nothing is read or written.</summary>
[Reentrant, ReadsCaller]
public abstract class EntityGrain : Grain, IEntityGrain
{
    private readonly EntityActivation _activation;

    protected EntityGrain(Entity entity, EntityPorts ports) : this(engine => engine.Stream.Kind == entity.Kind ? EntityActivations.Of(entity, ports, engine) : new Misplaced(engine, entity))
    {
    }

    protected EntityGrain(Func<IActivationHost, EntityActivation> create) => _activation = create(new Engine(this));

    public Task<Envelope> Send(Envelope envelope)
    {
        var reply = new TaskReply(envelope);
        _activation.Receive(envelope, reply);
        return reply.Task;
    }

    public sealed override Task OnActivateAsync(CancellationToken cancellationToken) => _activation.Begin(cancellationToken);

    public sealed override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _activation.End();

    private sealed class Misplaced(IActivationHost engine, Entity entity) : EntityActivation
    {
        public override void Receive(Envelope envelope, IReply reply)
        {
            engine.Leave();
            reply.Failed(new ArgumentException($"The key '{engine.Stream}' is not the name of a stream of the kind '{entity.Kind}'."));
        }
    }

    private sealed class Engine(EntityGrain grain) : IActivationHost
    {
        private readonly IWorkItemScheduler _turns = ((IGrainBase)grain).GrainContext.Scheduler;

        public StreamId Stream { get; } = StreamId.Find(grain.GetPrimaryKeyString()) ?? new("", "", grain.GetPrimaryKeyString());

        public void Post(ITurn turn) => _turns.QueueAction(static turn => ((ITurn)turn!).Turn(), turn);

        public void Leave() => grain.DeactivateOnIdle();
    }
}
